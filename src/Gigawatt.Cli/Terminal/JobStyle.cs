namespace Gigawatt.Cli.Terminal;

/// <summary>Colours of job phases, the same everywhere.</summary>
internal static class JobStyle
{
    public static string? OfPhase(string phase) => phase switch
    {
        "running" => "green",
        "queued" or "starting" or "stopping" => "yellow",
        "failed" or "timed-out" or "dropped" => "red",
        "succeeded" => "blue",
        _ => null,
    };
}
