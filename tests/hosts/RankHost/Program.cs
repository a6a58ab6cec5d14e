using System.Globalization;
using Lamina;
using Lamina.Distributed;

// One rank of a job: RankHost MODE OUTPUT [SETTINGS…]. Writes what it has come to into files of the folder OUTPUT.
// OMP_NUM_THREADS says the threads. "sums" checks sums against their definition, "train" trains a small network, and "hang R" hangs
// on rank R before it has joined.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
RankJob? job = null;
try
{
    if (args[0] == "hang" && args[1] == RankJob.RankOfEnvironment.ToString(CultureInfo.InvariantCulture))
    {
        Thread.Sleep(Timeout.Infinite);
    }
    job = RankJob.Join();
    int code = args[0] == "sums" ? Sums.Run(job!.Communicator) : Training.Run(job?.Communicator, args[1], args[2..]);
    job?.Dispose();
    return code;
}
catch (LaminaException e)
{
    if (job?.Fail(e.Message) ?? RankJob.RankOfEnvironment == 0)
    {
        Console.Error.WriteLine(e.Message);
    }
    return 1;
}
