"""A cache of words: SentencePiece's ids in a fraction of its time.

Text repeats its words. The cache cuts documents into *units* (words, or parts
of words), segments each different unit once, and from then on looks its ids up,
in NumPy. `WordCache.encode` gives the ids that SentencePiece gives, to the last
one. Other modules rely on the argument for this, which stands here alone.

**Models.** `rules` admits a model only if all that follows holds for it, and
only with the one version of SentencePiece whose source it was checked against.
For other models there is no cache.

**Units.** A unigram model (Kudo 2018, arXiv 1804.10959) writes a text as the
pieces whose scores have the largest sum. No piece reaches beyond a unit: units
begin at white space, and pieces have the mark of a word, '▁', at their
beginning or nowhere; and if no piece has a letter beside another printable
ASCII character, `foo-bar` is the units `foo`, `-` and `bar`. So each way to
write a text is a way for each of its units, and the best way for the text is
the best one for each. Normalising a text is normalising its units one by one,
as no rule of the model's normaliser reaches across their bounds.

**Rounding.** SentencePiece adds up scores from the beginning of a text in
single precision. If two ways for a unit are nearly as good, the sum before the
unit decides which one wins. Let e be the spacing of float32 numbers at the size
of these sums. Adding k scores is off by k e / 2 at most, the best way has p
pieces and no way for a unit of b bytes has more than b, so rounding cannot
change the outcome if

    margin > (p + b) e / 2

where the margin is what the best way has more than the second best, computed in
double precision (`lattice`). `Store.safe` is the largest such e of each unit.
Where e is larger, as it always is for a tie, `rounding.settle` segments the
unit as SentencePiece does: in single precision, from the sum where it begins.
That also takes care of sums below -100,000, which SentencePiece begins anew.

**Unknown characters.** Each is one piece of its unit. SentencePiece makes one
unknown id of several in a row, and so does `WordCache` in the end.

**Look-up.** The key of a unit is no hash but its bytes, so different units have
different keys.

**All else** goes to SentencePiece itself: documents with a zero byte, a '▁' or
what may be a user-defined piece, with a unit of more than 255 bytes, or with a
character that becomes the ids of its bytes.

The modules, in the order in which a block goes through them:

    prospect        whether enough text is to come to learn a model's rules
    rules           what to know of a model; whether it can have a cache
    documents       chooses the documents that are for the cache
    units, chunks   cut these into units and number them
    joined          many strings in one buffer
    trie, lattice   segment new units
    store           what is known of each unit
    rounding        units whose segmentation depends on their place
    replay          segments one of these
    cache           the whole, and when it is worth its while
    hashing         open addressing, for `trie` and `units`
"""

from ul2_flan.tasks.vocabulary.word_cache.cache import WordCache
from ul2_flan.tasks.vocabulary.word_cache.prospect import Prospect
from ul2_flan.tasks.vocabulary.word_cache.rules import Rules, rules_of
