using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Gigawatt.Agents.Node;

/// <summary>
/// A shell script that was started in a session of its own and outlives this process. System.Diagnostics.Process
/// cannot do it: it leads no session, and it leaves SIGPIPE ignored in the child, which a shell cannot undo and
/// which every command of a task would inherit (<c>yes | head</c> would then end with an error message).
/// </summary>
/// <remarks>
/// It stays this process's child, so its exit code waits as a zombie until <see cref="HasExited"/> has taken it.
/// </remarks>
internal sealed unsafe class Detached
{
    // Both posix_spawnattr_t and posix_spawn_file_actions_t are below 400 bytes in glibc and musl.
    private const int OpaqueBytes = 1024;

    private Detached(int pid) => Pid = pid;

    public int Pid { get; }

    /// <summary>The exit code as a shell gives it, once the script has ended.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Runs a script as session and group leader, with default signal actions and no open files.</summary>
    /// <exception cref="Win32Exception">No process can be created.</exception>
    public static Detached Start(string script, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        using CStrings argv = new(["/bin/sh", script, .. arguments]);
        using CStrings envp = new(environment.Select(pair => $"{pair.Key}={pair.Value}"));
        byte* attributes = stackalloc byte[OpaqueBytes];
        byte* actions = stackalloc byte[OpaqueBytes];
        byte* signals = stackalloc byte[128];
        Check(Libc.SpawnAttributesInit(attributes));
        Check(Libc.SpawnActionsInit(actions));
        try
        {
            new Span<byte>(signals, 128).Clear();
            Check(Libc.SpawnSetSignalMask(attributes, signals));
            Check(Libc.FillSignals(signals));
            Check(Libc.SpawnSetDefaultSignals(attributes, signals));
            Check(Libc.SpawnSetFlags(attributes, Libc.SpawnSetsid | Libc.SpawnSigDefault | Libc.SpawnSigMask));
            for (int file = 0; file <= 2; file++) { Check(Libc.SpawnAddOpen(actions, file, "/dev/null", Libc.OpenReadWrite, 0)); }
            int pid;
            Check(Libc.Spawn(&pid, "/bin/sh", actions, attributes, argv.Pointer, envp.Pointer));
            return new(pid);
        }
        finally
        {
            _ = Libc.SpawnActionsDestroy(actions);
            _ = Libc.SpawnAttributesDestroy(attributes);
        }
    }

    /// <summary>Whether it has ended; asks without waiting.</summary>
    public bool HasExited()
    {
        if (ExitCode is not null) { return true; }
        int status;
        int result = Libc.WaitPid(Pid, &status, Libc.WaitNoHang);
        if (result == 0) { return false; }

        // An error means that somebody else has taken the exit code, which is as dead.
        int signal = status & 0x7f;
        ExitCode = result < 0 ? -1 : signal == 0 ? (status >> 8) & 0xff : 128 + signal;
        return true;
    }

    private static void Check(int error)
    {
        if (error != 0) { throw new Win32Exception(error); }
    }

    /// <summary>A null-terminated array of C strings.</summary>
    private sealed class CStrings : IDisposable
    {
        private readonly nint[] _strings;
        private readonly GCHandle _pin;

        public CStrings(IEnumerable<string> texts)
        {
            _strings = [.. texts.Select(Marshal.StringToCoTaskMemUTF8), 0];
            _pin = GCHandle.Alloc(_strings, GCHandleType.Pinned);
        }

        public byte** Pointer => (byte**)_pin.AddrOfPinnedObject();

        public void Dispose()
        {
            _pin.Free();
            foreach (nint text in _strings) { Marshal.FreeCoTaskMem(text); }
        }
    }
}
