using System.Runtime.InteropServices;
using System.Text;

namespace Lamina.Torch.Tests.Native;

public unsafe class ProcessSettingsTests
{
    [Fact]
    public void Threads_spin_briefly_unless_the_user_says_otherwise()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "GNU OpenMP is Linux's.");
        TorchLibrary.Use();
        string? chosen = Environment.GetEnvironmentVariable(ProcessSettings.SpinCount);
        bool decided = chosen is not null || Environment.GetEnvironmentVariable(ProcessSettings.WaitPolicy) is not null;
        Assert.Equal(decided ? chosen : "1000", Native(ProcessSettings.SpinCount));
    }

    /// <summary>What native code sees: .NET's own environment is a copy.</summary>
    private static string? Native(string name)
    {
        nint libc = NativeLibrary.Load("libc.so.6");
        var getenv = (delegate* unmanaged<byte*, byte*>)NativeLibrary.GetExport(libc, "getenv");
        fixed (byte* key = Encoding.ASCII.GetBytes(name + '\0'))
        {
            return Marshal.PtrToStringUTF8((nint)getenv(key));
        }
    }
}
