// Tests that count live tensors cannot share the process with others, and libtorch's threads take all cores anyway.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
