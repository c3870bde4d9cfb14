using Gigawatt.Cli;
using Gigawatt.Cli.Terminal;

using CliHost host = CliHost.OfThisProcess();
using var interrupt = new Interrupt();
return await CommandLine.RunAsync(args, host, interrupt.Token);
