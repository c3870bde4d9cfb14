using Spectre.Console;

namespace Gigawatt.Cli.Terminal;

/// <summary>One line on a terminal that says what is being waited for, and goes away afterwards.</summary>
internal static class StatusLine
{
    /// <summary>Runs some work with a status line; without a terminal, without one.</summary>
    /// <param name="host">Its error stream may be a terminal.</param>
    /// <param name="text">The first text.</param>
    /// <param name="work">The work; what it is given changes the text.</param>
    public static Task<T> RunAsync<T>(CliHost host, string text, Func<Action<string>, Task<T>> work)
    {
        if (!host.ErrorIsTerminal) { return work(static _ => { }); }
        return host.ErrorConsole.Status().StartAsync(Safe(text), context => work(now => context.Status = Safe(now)));
    }

    private static string Safe(string text) => Markup.Escape(Words.Cell(text));
}
