using Gigawatt.Wire.Control;

namespace Gigawatt.Cli;

/// <summary>What the process says when it ends. <see cref="Explanation"/> says the same to people.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int BadUsage = 2;
    public const int NotReachable = 3;

    /// <summary>128 + SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;

    public const string Explanation =
        "0 done, 1 the request or the job failed, 2 wrong usage, 3 no server, 130 interrupted.";

    /// <summary>A job's own exit code, or 1 when it came to its end without a useful one.</summary>
    public static int Of(JobView job) => job.Phase == "succeeded" ? Ok : job.ExitCode is { } code and not 0 ? code : Failed;
}
