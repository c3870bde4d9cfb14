using Xunit;

namespace Gigawatt.Tests.Cli;

/// <summary>Command lines that cannot be read get exit code 2 and a message that says what to write.</summary>
public sealed class WrongUsageTests
{
    [Theory]
    [InlineData("sumbit", "There is no command \"sumbit\" in gw; did you mean \"submit\"?\nSee: gw --help")]
    [InlineData("key destroy", "There is no command \"destroy\" in gw key.\nSee: gw key --help")]
    [InlineData("--server http://x queue", "\"--server\" goes after the command: gw queue --server ...\nSee: gw queue --help")]
    [InlineData("queue --al", "gw queue has no option \"--al\"; did you mean \"--all\"?\nSee: gw queue --help")]
    [InlineData("show", "Required argument 'ID' missing for command: 'show'.\nSee: gw show --help")]
    [InlineData("show twelve", "ID: \"twelve\" is not a job's number; write one such as 12, and see them with gw queue.\nSee: gw show --help")]
    [InlineData("show 1 2", "\"2\" is one word too many for gw show.\nSee: gw show --help")]
    [InlineData("submit --nmae x -- true", "gw submit has no option \"--nmae\"; did you mean \"--name\"?\nSee: gw submit --help")]
    [InlineData("submit --name x true", "\"true\" is not an option of gw submit. The job's command goes last, after two hyphens: gw submit --name NAME -- COMMAND [ARG...]\nSee: gw submit --help")]
    [InlineData("submit --name x", "The job has no command. Put it after two hyphens, as in: gw submit --name hello -- echo hello")]
    [InlineData("submit -- true", "The job has no name. Give it one with --name NAME.")]
    [InlineData("submit --name x --cpus 1,5 -- true", "--cpus: \"1,5\" is not a number of cores; write a number of cores such as 64.\nSee: gw submit --help")]
    [InlineData("submit --name x --memory 4kW -- true", "--memory: \"4kW\" is a power, not an amount of memory; write an amount of memory such as 64GiB.\nSee: gw submit --help")]
    [InlineData("submit --name x --gpus -1 -- true", "--gpus: \"-1\" is out of range; write a number of accelerators from 0 to 64.\nSee: gw submit --help")]
    [InlineData("submit --name x --time-limit soon -- true", "--time-limit: \"soon\" is not a length of time; write one such as 250ms, 90s, 15m or 1h30m.\nSee: gw submit --help")]
    [InlineData("submit --name x --priority hihg -- true", "--priority: \"hihg\" is unknown; write one of production, standard, early-access, spot.\nSee: gw submit --help")]
    [InlineData("submit --name x --env =1 -- true", "--env: \"=1\" is not a variable. Write NAME=VALUE.")]
    [InlineData("submit --name x --follow --json -- true", "--follow prints the job's output and --json a document: use one of them.")]
    [InlineData("usage --from yesterday", "--from: \"yesterday\" is not a day or time; write one such as 2026-11-23 or 2026-11-23T14:00Z.\nSee: gw usage --help")]
    [InlineData("queue --server ftp://x", "\"ftp://x\" is not a server's address. Write one such as http://127.0.0.1:8420.")]
    [InlineData("simulate", "There is nothing to simulate. Name a trace with --trace FILE, or an experiment with --experiment fgd.")]
    [InlineData("simulate --trace t.csv", "The trace needs a fleet. Name one with --fleet FILE, such as fleets/two-site.yaml.")]
    [InlineData("simulate --experiment fgd", "The fgd experiment needs a node list and a pod list: --nodes FILE --pods FILE.")]
    [InlineData("agent", "An agent needs a join token. Make one where the server runs with: gw join-token")]
    [InlineData("agent --token t --accelerators 8", "--accelerators and --accelerator go together: how many simulated ones, and of which type.")]
    [InlineData("agent --token t --accelerators 8 --accelerator h100", "--accelerator: \"h100\" is simulated, so its name must say so; write sim-h100.\nSee: gw agent --help")]
    [InlineData("up --port 99999", "--port: \"99999\" is out of range; write a whole number from 0 to 65,535.\nSee: gw up --help")]
    public async Task A_command_line_that_cannot_be_read_is_answered_with_what_to_write(string line, string message)
    {
        CliRun run = await CliRun.OfAsync(line.Split(' '));
        Assert.Equal(new CliRun(2, "", $"gw: {message}\n"), run);
    }

    [Fact]
    public async Task Several_mistakes_are_told_at_once()
    {
        CliRun run = await CliRun.OfAsync(["submit", "--name", "x", "--cpus", "many", "--gang", "0", "--", "true"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--cpus: \"many\"", run.Error, StringComparison.Ordinal);
        Assert.Contains("--gang: \"0\"", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_follows_the_two_hyphens_is_never_read_as_our_own_options()
    {
        await using StubServer server = await StubServer.SayingAsync(Samples.Job(), Gigawatt.Wire.Control.ControlJson.Default.JobView, 201);
        CliRun run = await CliRun.AtAsync(server, "submit", "--name", "x", "--", "tool", "--name", "y", "--help", "@file", "--", "-f");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("""["tool","--name","y","--help","@file","--","-f"]""", server.Requests[0].Body, StringComparison.Ordinal);
    }
}
