using System.ComponentModel;
using System.Diagnostics;

namespace Gigawatt.Agents.Node;

/// <summary>Starts shell scripts that outlive this process.</summary>
internal static class Detached
{
    /// <summary>
    /// Runs a script as the leader of a new session. The child is not a group leader when setsid(1) begins, so
    /// setsid keeps the process number and replaces itself with the shell.
    /// </summary>
    /// <exception cref="Win32Exception">There is no setsid on this machine, or no process can be created.</exception>
    public static Process Start(string script, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        // All three streams are redirected and closed: with even one inherited, the child would keep the agent's
        // terminal or pipe open, and .NET would treat it as a user of the terminal. The script opens its own.
        ProcessStartInfo start = new("setsid", ["/bin/sh", script, .. arguments])
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach ((string name, string value) in environment) { start.Environment[name] = value; }
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        process.StandardOutput.Close();
        process.StandardError.Close();
        return process;
    }
}
