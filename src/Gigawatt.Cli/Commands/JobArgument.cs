using System.CommandLine;
using System.Globalization;
using Gigawatt.Configuration.Reading;

namespace Gigawatt.Cli.Commands;

/// <summary>A job's number on the command line.</summary>
internal static class JobArgument
{
    private static readonly Kind<long> Number = new("12", static (string text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value)
            ? null
            : $"{Numbers.Quote(text)} is not a job's number; write one such as 12, and see them with gw queue");

    public static Argument<long> Create() => Options.Required("ID", "The job's number, as `gw submit` printed it and `gw queue` lists it.", Number);
}
