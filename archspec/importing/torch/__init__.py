"""The reader of torch modules: torch.export's graph of a module as a graph of layers."""
