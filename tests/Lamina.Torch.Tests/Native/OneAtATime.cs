// Tests that count live tensors cannot share the process with others, and libtorch's threads take all cores anyway.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
