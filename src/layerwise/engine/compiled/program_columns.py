"""Where each number stands in the tables that the compiled program reads.

A table is an array of numbers with a row for each step, task or batch; these are its columns.
"""

# A step of the plan: what it does, sizes, and places. Buffers are places in the workspace (in the
# plan, for batches of one row), parameters are places in the vector; -1 means none. The buffers
# marked "shared" serve layers of different widths one after another: there a shard's rows start
# at (its first row) * WIDEST, so that no thread reaches into the rows of another, which may be at
# another layer; within the shard rows follow each other closely.
KIND = 0
FAN_IN = 1  # of a product
FAN_OUT = 2  # of a product; of another step, its run's size
INPUT = 3  # buffer it reads, kept until the backward pass
OUTPUT = 4  # buffer it writes
SLOPE = 5  # buffer of pre-activations, then of the activation's slope, then of dL/dz
BRANCH = 6  # buffer of the activation; shared where a residual connection adds the input
RESIDUAL = 7  # buffer of that input
SCALED = 8  # shared scratch for an input times gain, plus shift if there is one
PARAMETER_SLOPE = 9  # buffer of the derivative by the activation's learned parameter
GRAD_OUTPUT = 10  # shared buffer of the gradient at OUTPUT
GRAD_INPUT = 11  # shared buffer for the gradient at INPUT
ADD_GRADIENT = 12  # 1: add to what GRAD_INPUT holds (a residual connection's other branch)
KEPT = 13  # buffer of what an entry keeps of each row
STATE = 14  # offset into the state
WEIGHTS = 15  # of a product; of another step, its own parameters
BIASES = 16
GAIN = 17
SHIFT = 18
ACTIVATION = 19
ACTIVATION_PARAMETER = 20
PARTIAL = 21  # offset into a shard's partial sums
LAYER = 22
COLUMN = 23  # first column of OUTPUT that a step at the inputs writes
LENGTH = 24  # numbers from a row of OUTPUT to the next
SOURCE = 25  # column of x or of the codes that a step at the inputs reads
N_KEPT = 26
OF_BATCH = 27  # 1: threads meet before it, since it looks at the whole batch
N_COLUMNS = 28

BUFFERS = (
    INPUT,
    OUTPUT,
    SLOPE,
    BRANCH,
    RESIDUAL,
    SCALED,
    PARAMETER_SLOPE,
    GRAD_OUTPUT,
    GRAD_INPUT,
    KEPT,
)

# What a step does: a product with an activation, or what an entry has kernels for, by
# `entries.STEP_CODES`.
DENSE = 0

# A task: one piece of the parameters whose gradient is computed, and then updated, by one thread.
TASK_STEP = 0
TASK_LOW = 1  # rows of the weight matrix (its last one the biases), or numbers of an entry
TASK_HIGH = 2
TASK_GROUP = 3  # of an entry's numbers, of `layout.GROUPS`
N_TASK_COLUMNS = 4

# A batch: rows order[start:stop], the random key of its dropout, whether to look for dead nodes.
BATCH_START = 0
BATCH_STOP = 1
BATCH_KEY = 2
BATCH_LOOKS = 3
BATCH_ENDS_EPOCH = 4  # 1: the penalty of the weights after it is wanted
N_BATCH_COLUMNS = 5

# Constants of a whole fit, in the precision of the vector.
L1 = 0
L2 = 1
PENALIZE_SUM = 2  # 1: penalties are added to the sum of the rows' losses, not to their mean
CLIP_NORM = 3
LOSS_PARAMETER = 4
NORM_MOMENTUM = 5
NORMALIZER = 6  # what a batch's loss is divided by; 0: the sum of its rows' weights
GROUP_RATES = 7  # four: weights, biases, scales, embeddings
RULE_CONSTANTS = 11  # the constants of the optimiser's rule, and the end of the columns

# Numbers of one step, in the precision of the vector.
RATE = 0  # the rule's
DECAY_RATE = 1  # learning rate times weight decay
DROPOUT = 2  # factor on every layer's dropout
AVERAGE = 3  # how far the weights' moving average moves towards them, 0 for none
RULE_NUMBERS = 4  # the rule's other numbers, and the end of the columns

# Whole numbers of a call of the program.
RULE = 0  # the optimiser's, a code of updates.RULE_CODES, or GRADIENT_ONLY
LOSS = 1
THREAD = 2
N_THREADS = 3
N_SHARDS = 4
ROWS_PER_SHARD = 5
PARTIALS = 6  # where the shards' partial sums stand in the workspace
PARTIAL_STRIDE = 7
SCORES = 8  # buffer of the last layer's output
GRAD_SCORES = 9  # shared buffer of the gradient there
N_OUTPUTS = 10
LINK = 11  # output function, a code of loss_gradients.LINK_CODES
WIDEST = 12  # longest row of the buffers that layers of any width share
WHOLE = 13  # 1: the whole vector is updated at once, one rate for all and no decay
N_CALL = 14

# Addresses that a thread's calls of gemm need, and the bytes of a number.
WORK = 0
VECTOR = 1
GRADIENT = 2
INTS = 3
FLOATS = 4
AS_IT_IS = 5  # the letter that tells gemm so of a matrix
TURNED = 6
ITEMSIZE = 7
N_BLAS = 8
