"""Every limit of the compiler in one place: what it protects, and where its number comes from.

A limit of size says what no table comes near; what is under all of them is still bounded by the work of one request.
"""

from __future__ import annotations

from typing import Final

# The work of one request.

MOST_WORK: Final = 3_800_000
"""Units of work for one request, a command or a question of a program, whatever variants, claims and files it has.

A unit is a third of a microsecond to a whole one of the machine that the costs below were measured on, so that any
input ends within 5 seconds there. No unit holds more than 200 bytes, so the memory of one request stays below 1 GiB.
The largest network of the corpus takes an eleventh of it, and a table of 2,500 different rows, each a convolution with
its normalisation and its non-linearity, compiles.
"""
MOST_TRACED: Final = 12_000_000
"""Units of work for a formula, or for one piece of a sweep, whose arithmetic takes more than the count of a member: as
many as a table of 1,900 different rows over two parameters takes, in 4 seconds and 60 MB."""
WORK_A_SECOND: Final = 4_000_000
"""Units of work in a second, by which a user is told how long many networks take that are read one by one."""
MOST_SUGGESTIONS: Final = 300
"""Words of one request for which a name that comes near is looked for: three times the diagnostics that are shown."""
MOST_MENDED: Final = 10
"""Figures of one request for which mends are tried: those of one mistake are few."""
MOST_REASONS: Final = 20
"""Marked figures of one spec for which an audit shows the arithmetic, the comment and what else was tried: a paper has
some ten. The others are listed."""
MOST_TRIED: Final = 60_000
"""Units of work for the mends that are tried on the row of one figure: some hundred of them on a usual row."""
MOST_CONFIRMED: Final = 60_000
"""Units of work for the mends of one figure that are confirmed on the network. With what is tried, all figures of one
request take six tenths of its work at most, and no more than is left of it."""
MOST_SHOWN: Final = 100
"""Diagnostics that are printed where nobody asks for all: more than anyone mends before the next run."""

# The text of a spec.

LONGEST_FILE: Final = 2**20
"""Bytes of a file or a text: the largest spec of the corpus has 13,000."""
LONGEST_LINE: Final = 20_000
"""Characters of a line, so that what is done to a line may grow with its square. The longest of the corpus has 300."""
MOST_FILES: Final = 100
"""Files that `use` and `like` may name, so that they cannot name one another without end."""
LONGEST_NUMBER: Final = 400
"""Digits of a number, beyond which Python takes long to read them; all from 13 on are too large."""
DEEPEST_SYNTAX: Final = 40
"""Levels of an expression or a bracket, all of which the reader of syntax descends by Python's own stack."""

# Numbers and expressions.

LARGEST: Final = 10**12
"""Of a number, so that products of a few stay exact and short. No layer has a million million of anything."""
LONGEST_EXPRESSION: Final = 2_000
"""Characters of an expression with its `let` names written out, which doubles with each `let` over two others."""
DEEPEST_EXPRESSION: Final = 120
"""Levels of an expression with its `let` names written out, which walks of it descend by Python's own stack."""
LARGEST_COEFFICIENT: Final = 10**24
"""Of a polynomial in emitted code: a product of two of the largest numbers."""
MOST_TERMS: Final = 64
"""Products of a polynomial in emitted code, whose products with one another are computed."""
MOST_TERMS_OF_FORMULAS: Final = 512
"""Products of a formula of a whole network: what a reader still scrolls through."""
MOST_WORDS: Final = 24
"""Names and numbers of an expression in emitted code: what a reader still follows."""

# The layers of a network.

MOST_APPLICATIONS: Final = 20_000
"""Different layers of one network that are analysed. The largest network of the corpus has 700."""
MOST_LAYERS: Final = 10**15
"""Layers with their repetitions, so that counts stay short numbers."""
DEEPEST_STEPS: Final = 120
"""Levels of steps in one another by way of brackets, rules and blocks, which a walk descends by Python's own stack."""
DEEPEST_NETWORK: Final = 100
"""The same where a network is read from JSON, so that what it comes to can be walked."""
MOST_BLOCKS: Final = 1_000
"""Readings of blocks for the sizes, words and truth values of their uses, which may double with each block."""
FARTHEST: Final = 10**15
"""Where receptive fields stop growing, so that no repetition makes numbers without end."""

# What is remembered.

MOST_READ: Final = 2_000_000
"""Units of work and characters of the texts whose statements are remembered, and of the families of them."""
MOST_MEMBERS: Final = 6_000_000
"""Units of work of the networks that are remembered, with the characters of their texts: some hundred megabytes."""
MOST_LIKE: Final = 16
"""Members that claims asked for last, the most like of which the next is made of; each is compared with all of them."""
MOST_REMEMBERED: Final = 16_384
"""Layers on input shapes, and what they cost by one rule, that are remembered: a few megabytes."""
MOST_WORDS_KNOWN: Final = 4_096
"""Cells with their parse trees, and first words of cells, that are remembered."""
SHORT_CELL: Final = 300
"""Characters up to which a cell is remembered with its tree: longer ones hardly stand twice."""

# What is said.

LONG_TABLE: Final = 300
"""Rows or steps from which on `diff` sets apart what both networks start with before it looks for what is alike."""
MOST_COMPARED: Final = 100
"""Names that a slip is compared with; of more, those that stand next to it in order, by their starts and their ends."""
LONGEST_NAME: Final = 100
"""Characters of a word that is compared with names, which takes their product."""
WIDEST_COLUMN: Final = 400
"""Characters up to which the cells of a printed column are filled up with blanks, so that one long cell does not make
every line as long. The widest column of the errata of all papers has 360."""
MOST_LISTED: Final = 30
"""Names that a diagnostic lists whole; of more it lists the first ten."""

# Pages.

MOST_ON_PAGE: Final = 24
"""Networks of one page: variants, and settings of parameters. Each has its table, and many have a figure and code."""
MOST_OF_OTHERS: Final = 2_400_000
"""Units of work for the networks of a page after the first, so that the rest of a request is for the page."""

# Figures.

MOST_DRAWN: Final = 2_000
"""Boxes of a figure. Inception-ResNet-v2 with every layer has 300; no page holds more than some hundred."""
MOST_DRAWN_ROWS: Final = 200
"""Rows of a table that are drawn one below the other: at 5 mm each they take a metre."""

# Modules of torch.

MOST_MODULES: Final = 10_000
"""Modules of a network that is built, each of which takes torch up to half a millisecond. A ResNet of 1,001 layers has
3,006."""
MOST_NUMBERS: Final = 2**30
"""Parameters of a network that is built, which take 4 GiB. ResNeXt-101 32x48d has 829 million, the largest network of
the corpus 331 million."""
MOST_TENSORS: Final = 100_000
"""Tensors of a file of weights; no network has as many."""

# Networks that are imported.

MOST_OPERATIONS: Final = 20_000
"""Operations of torch of a module that is read. The largest network of torchvision and timm has some 5,000."""
MOST_CALLS: Final = 2_000_000
"""Functions of torch that are called while a module is followed, some 60 for each operation, up to which it is: more is
too large a network, or one that does not end. As many take some 3 minutes."""
MOST_WALKED: Final = 2_000_000
"""Operations that are read in all, where a network is read anew for each part that no layer says: some 20 seconds."""

# What work costs, in units.

LINE: Final = 2
"""A line of a file: to split, strip and tell it from a row."""
CHARACTER: Final = 0.05
"""A character of a line, whatever stands there."""
READ: Final = 70
"""To start the reader of syntax on a statement or a cell."""
WORD: Final = 28
"""A word or a sign of what the reader of syntax reads, with its place."""
CELL: Final = 4
"""A cell of a table: to cut it out and give it a place."""
HEADED: Final = 15
"""A column of a table whose header is read, for each variant."""
LOOKED: Final = 15
"""A step of a cell in which a layer is looked for, for each variant; cells that are equal are looked at once."""
NAMED: Final = 1.5
"""A word that may name a layer or a block and is looked up, for each variant."""
MISTAKE: Final = 40
"""A diagnostic: its text, its places, and that it is said once."""
COMPARISON: Final = 20
"""A name that a slip is compared with."""
NETWORK: Final = 400
"""A network, for each variant and each setting of a claim, beside its rows; and its code, once more."""
SORTED: Final = 0.5
"""A name that is sorted among others, so that a slip can be looked for."""
ROW: Final = 30
"""A row of a table for one variant, beside its steps."""
STEP: Final = 10
"""A step of a chain, whatever it is."""
MADE: Final = 30
"""A layer or a use of a block with its arguments, each time that a rule, a row or a block brings it up."""
ARGUMENT: Final = 15
"""An argument of a layer: its name and its value."""
NAME: Final = 0.1
"""A name that is copied where a block opens a scope of its own."""
APPLIED: Final = 60
"""A layer that is applied to a shape, with what it sees, keeps and weighs."""
WALKED: Final = 4
"""A step that a walk passes."""
EVALUATED: Final = 1.2
"""A character of an expression whose value hangs on where a step stands, each time that a walk comes to it."""
LETTER: Final = 0.4
"""A character of a word among the arguments of a layer, which its rules read for each input."""
MATCHED: Final = 0.005
"""A pair of steps or rows of two networks that are compared, for each step of the shorter."""
USE: Final = 3
"""A kind of layer of a block or a row that is added to those around it."""
COUNTED: Final = 30
"""A kind of layer of a row that is counted by one rule."""
SUMMED: Final = 2
"""A kind of layer in a line of an opened row, whose known counts are added by one rule."""
SHOWN: Final = 0.15
"""A character of a page that is coloured and escaped."""
LISTED: Final = 30
"""A row of a table of a page."""
MULTIPLIED: Final = 30
"""Two products of names with exact numbers that are multiplied, or added, in the arithmetic of a claim."""
TRACED: Final = 30
"""A number or a condition of a trace, which a formula is made of."""
TERM: Final = 100
"""A product of numbers of a trace in the polynomial of one, and in those that it is made of."""
CLAIMED: Final = 40
"""A claim: its cells and its check."""
AUDITED: Final = 100
"""A figure of an audit: whether other specs print it as well, and its row in the report."""
EMITTED: Final = 70
"""A step of emitted code: its items and its text."""
DEMANDED: Final = 10
"""A step of emitted code that is asked which numbers it demands to be whole."""
DRAWN: Final = 200
"""A box of a figure with its text, its place and the ways to it, in every width that is tried."""
SYMBOL: Final = 10
"""A character of an expression that becomes a polynomial in emitted code."""
