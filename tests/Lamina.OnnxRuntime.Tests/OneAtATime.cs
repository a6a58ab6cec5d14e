// The names of layers count on in the one session of the process, and these tests clear it.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
