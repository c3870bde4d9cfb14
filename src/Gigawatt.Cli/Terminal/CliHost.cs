using System.Collections;
using System.Text;
using Spectre.Console;

namespace Gigawatt.Cli.Terminal;

/// <summary>The world as a command sees it: streams, environment, folder and clock. Tests make their own.</summary>
internal sealed record CliHost : IDisposable
{
    /// <summary>Results go here and nothing else does, so that they can be piped.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>The same as <see cref="Output"/>, for bytes that are passed on untouched.</summary>
    public required Stream OutputBytes { get; init; }

    /// <summary>Messages, hints and progress.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Whether results are read by a person.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>Whether messages are read by a person.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Columns of the terminal; 100 where there is none.</summary>
    public int Width { get; init; } = 100;

    /// <summary>Reads an environment variable; null or empty when it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>All of the environment, for what reads config files.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>The folder against which relative paths are read.</summary>
    public required string Folder { get; init; }

    /// <summary>The clock, for ages and retries.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public static CliHost OfThisProcess()
    {
        Stream output = Console.OpenStandardOutput();
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return new CliHost
        {
            OutputBytes = output,
            Output = new StreamWriter(output, utf8) { AutoFlush = true },
            Error = new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true },
            OutputIsTerminal = !Console.IsOutputRedirected,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            Width = WidthOfTerminal(),
            Variable = Environment.GetEnvironmentVariable,
            Variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? ""),
            Folder = Environment.CurrentDirectory,
        };
    }

    /// <summary>A console for coloured results; only for <see cref="OutputIsTerminal"/>. It never breaks a line: words cut in
    /// narrow columns cannot be read or copied, while lines that the terminal folds can.</summary>
    public IAnsiConsole OutputConsole => ConsoleOf(Output, width: 10_000);

    /// <summary>A console for progress; only for <see cref="ErrorIsTerminal"/>.</summary>
    public IAnsiConsole ErrorConsole => ConsoleOf(Error, Width);

    /// <summary>A path as the user meant it, seen from <see cref="Folder"/>.</summary>
    public string FullPath(string path) => Path.GetFullPath(path, Folder);

    /// <summary>Says what went wrong, and gives the exit code for it.</summary>
    public int Fail(CliFailure failure)
    {
        Error.WriteLine($"gw: {Words.Safe(failure.Message)}");
        return failure.ExitCode;
    }

    /// <summary>A remark for a person at the terminal; scripts do not see it.</summary>
    public void Hint(string text)
    {
        if (ErrorIsTerminal) { Error.WriteLine(text); }
    }

    private IAnsiConsole ConsoleOf(TextWriter writer, int width)
    {
        bool dumb = Variable("TERM") is "dumb";
        bool colours = !dumb && string.IsNullOrEmpty(Variable("NO_COLOR"));
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = dumb ? AnsiSupport.No : AnsiSupport.Yes,
            ColorSystem = colours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(writer),
            Interactive = dumb ? InteractionSupport.No : InteractionSupport.Yes,
        });
        console.Profile.Width = width;
        return console;
    }

    // A terminal that does not know its width says 0.
    private static int WidthOfTerminal() =>
        Console.IsOutputRedirected && Console.IsErrorRedirected ? 100 : Console.WindowWidth is > 0 and int width ? Math.Clamp(width, 40, 400) : 100;

    public void Dispose()
    {
        Output.Dispose();
        Error.Dispose();
    }
}
