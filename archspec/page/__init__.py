"""Pages: a network, or all of a folder, as HTML that opens in any browser and fetches nothing."""
