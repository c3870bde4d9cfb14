using Spectre.Console;

namespace Gigawatt.Cli.Terminal;

/// <summary>How far some work has come, on a terminal; elsewhere nothing.</summary>
internal sealed class ProgressBar
{
    private readonly ProgressTask? _task;

    private ProgressBar(ProgressTask? task) => _task = task;

    /// <summary>Runs some work with a progress bar on the error stream.</summary>
    /// <param name="host">Its error stream may be a terminal.</param>
    /// <param name="title">What is done first, while its extent is unknown.</param>
    /// <param name="work">The work.</param>
    public static T Run<T>(CliHost host, string title, Func<ProgressBar, T> work)
    {
        if (!host.ErrorIsTerminal) { return work(new ProgressBar(null)); }
        return host.ErrorConsole.Progress().AutoClear(true).Start(context =>
        {
            ProgressTask task = context.AddTask(title);
            task.IsIndeterminate = true;
            return work(new ProgressBar(task));
        });
    }

    /// <summary>Starts a stage of known extent.</summary>
    public void Begin(string title, int extent)
    {
        if (_task is null) { return; }
        _task.Description = title;
        _task.MaxValue = Math.Max(1, extent);
        _task.IsIndeterminate = false;
    }

    /// <summary>Says how much of the stage is done.</summary>
    public void Report(int done)
    {
        if (_task is not null) { _task.Value = done; }
    }
}
