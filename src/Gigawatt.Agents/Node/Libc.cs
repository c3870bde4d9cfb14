using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gigawatt.Agents.Node;

/// <summary>The few calls of Linux that .NET does not offer. Constants are those of x86-64 and arm64.</summary>
internal static partial class Libc
{
    public const int SigKill = 9;
    public const int SigTerm = 15;
    public const int SigCont = 18;

    public const int ErrorExists = 17;

    public const int SeekData = 3;
    public const int SeekHole = 4;

    public const int FallocateKeepSize = 1;
    public const int FallocatePunchHole = 2;

    /// <summary>Sends a signal to a process, or with a negative number to a process group.</summary>
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Link(string existing, string created);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    public static partial int Fallocate(SafeFileHandle file, int mode, long offset, long length);
}
