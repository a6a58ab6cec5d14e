using System.Runtime.InteropServices;

namespace Lamina.Torch;

/// <summary>
/// Blocks signals on the calling thread while native code computes. oneDNN's generated matrix products use the stack
/// register as a general one, pointing into the heap, and .NET's signal handlers do not run on a separate stack: a
/// signal that arrives meanwhile overwrites the heap. Threads that libtorch starts meanwhile inherit the mask for good;
/// the caller's mask is restored, so that the processes it starts do not inherit it. Does nothing on Windows.
/// </summary>
/// <remarks>
/// Signals raised by a fault of the thread itself stay open. The signal with which the runtime suspends threads is
/// blocked as well, since it can be sent to a thread that has just left managed code; <see cref="EnterCallback"/> opens
/// it for managed code that native code calls.
/// </remarks>
internal unsafe ref struct SignalMask
{
    // glibc's and musl's sigset_t has 128 bytes; macOS's has 4.
    private const int SetWords = 128 / sizeof(ulong);

    private static readonly Native? s_native = Native.Load();

    private fixed ulong _previous[SetWords];

    /// <summary>Blocks signals until the result is disposed. Calls may be nested.</summary>
    public static SignalMask Block()
    {
        SignalMask mask = default;
        s_native?.Block(s_native.Asynchronous, mask._previous);
        return mask;
    }

    /// <summary>Restores the thread's mask.</summary>
    public void Dispose()
    {
        fixed (ulong* previous = _previous)
        {
            s_native?.Restore(previous);
        }
    }

    /// <summary>Lets the runtime suspend the thread, which has entered managed code from native code.</summary>
    public static void EnterCallback() => s_native?.Unblock(s_native.Suspension);

    /// <summary>Blocks the runtime's signal again, before the thread returns to native code.</summary>
    public static void LeaveCallback() => s_native?.Block(s_native.Suspension, null);

    /// <summary>The functions of the C library, and the sets of signals.</summary>
    private sealed class Native
    {
        // SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS; on macOS SIGEMT too.
        private static readonly int[] s_faultsOnLinux = [4, 5, 6, 7, 8, 11, 31];
        private static readonly int[] s_faultsOnMac = [4, 5, 6, 7, 8, 10, 11, 12];

        private readonly delegate* unmanaged<int, ulong*, ulong*, int> _mask;

        // SIG_BLOCK; SIG_UNBLOCK and SIG_SETMASK follow it.
        private readonly int _block = OperatingSystem.IsMacOS() ? 1 : 0;

        private Native(nint libc, nint mask)
        {
            _mask = (delegate* unmanaged<int, ulong*, ulong*, int>)mask;
            var fill = (delegate* unmanaged<ulong*, int>)NativeLibrary.GetExport(libc, "sigfillset");
            var empty = (delegate* unmanaged<ulong*, int>)NativeLibrary.GetExport(libc, "sigemptyset");
            var add = (delegate* unmanaged<ulong*, int, int>)NativeLibrary.GetExport(libc, "sigaddset");
            var delete = (delegate* unmanaged<ulong*, int, int>)NativeLibrary.GetExport(libc, "sigdelset");
            _ = fill(Asynchronous);
            foreach (int fault in OperatingSystem.IsMacOS() ? s_faultsOnMac : s_faultsOnLinux)
            {
                _ = delete(Asynchronous, fault);
            }
            _ = empty(Suspension);
            _ = add(Suspension, SuspensionSignal(libc));
        }

        /// <summary>The set of all signals except those of faults.</summary>
        public ulong* Asynchronous { get; } = NewSet();

        /// <summary>The set with the signal by which the runtime suspends threads.</summary>
        public ulong* Suspension { get; } = NewSet();

        public static Native? Load()
        {
            if (
                !(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
                || !NativeLibrary.TryLoad("libc", typeof(SignalMask).Assembly, null, out nint libc)
            )
            {
                return null;
            }
            // Before version 2.32, glibc has it in another library.
            return
                NativeLibrary.TryGetExport(libc, "pthread_sigmask", out nint mask)
                || (
                    NativeLibrary.TryLoad("libpthread.so.0", out nint threads)
                    && NativeLibrary.TryGetExport(threads, "pthread_sigmask", out mask)
                )
                ? new Native(libc, mask)
                : null;
        }

        public void Block(ulong* set, ulong* previous) => _ = _mask(_block, set, previous);

        public void Unblock(ulong* set) => _ = _mask(_block + 1, set, null);

        public void Restore(ulong* set) => _ = _mask(_block + 2, set, null);

        private static int SuspensionSignal(nint libc)
        {
            const int macUser1 = 30;
            const int linuxRealTime = 34;
            return OperatingSystem.IsMacOS() ? macUser1
                : NativeLibrary.TryGetExport(libc, "__libc_current_sigrtmin", out nint first)
                    ? ((delegate* unmanaged<int>)first)()
                : linuxRealTime;
        }

        private static ulong* NewSet() => (ulong*)NativeMemory.AllocZeroed(SetWords, sizeof(ulong));
    }
}
