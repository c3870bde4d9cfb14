using System.Globalization;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw queues</c>: the tree of queues and cohorts with their quotas.</summary>
internal static class QueuesCommand
{
    public static Verb Create(CliHost host)
    {
        var verb = new Verb("queues", "Show the queues in their cohorts: quotas, what is used, borrowed and lent, and whose turn it is.")
        {
            Group = "The fleet and its use",
            Notes =
            [
                "SHARE is 0 while a queue stays within its nominal quota; of those who would borrow, the lowest share goes first.",
                "BORROWED and LENT stand beside their limits, where there are any. FREE is what the queue could still use now.",
            ],
            Examples =
            [
                new("queues and cohorts", "gw queues"),
                new("queues that borrow", "gw queues --json | jq '.queues[] | select(.share != 0) | .name'"),
            ],
        };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) =>
            call.Print(await call.Client.GetAsync<QueueList>("gigawatt/v1/queues", cancellationToken), list => Print(list, host)));
        return verb;
    }

    private static void Print(QueueList list, CliHost host)
    {
        if (list.Queues.Count == 0)
        {
            host.Output.WriteLine("No queues are configured: jobs are bound by the quotas of their tenants.");
            return;
        }

        var table = new TextTable(
            new("QUEUE"), new("KIND"), new("WAIT", IsNumber: true), new("RUN", IsNumber: true), new("SHARE", IsNumber: true), new("ACCELERATOR"),
            new("NOMINAL", IsNumber: true), new("USED", IsNumber: true), new("BORROWED", IsNumber: true), new("LENT", IsNumber: true), new("FREE", IsNumber: true));
        foreach (QueueView queue in list.Queues)
        {
            string name = new string(' ', 2 * queue.Depth) + queue.Name, share = queue.Share?.ToString("0.###", CultureInfo.InvariantCulture) ?? "last";
            if (queue.Quotas.Count == 0) { table.Add(name, queue.Kind, Words.Count(queue.Waiting), Words.Count(queue.Active), share, "-", "-", "-", "-", "-", "-"); }
            for (int i = 0; i < queue.Quotas.Count; i++)
            {
                QuotaView quota = queue.Quotas[i];
                bool first = i == 0;
                table.Add(
                    first ? name : "", first ? queue.Kind : "", first ? Words.Count(queue.Waiting) : "", first ? Words.Count(queue.Active) : "", first ? share : "",
                    quota.AcceleratorType, Words.Number(quota.Nominal), Words.Number(quota.Used),
                    Of(quota.Borrowed, quota.BorrowingLimit), Of(quota.Lent, quota.LendingLimit), Words.Number(quota.Available));
            }
        }

        table.WriteTo(host);
    }

    private static string Of(double amount, double? limit) => limit is null ? Words.Number(amount) : $"{Words.Number(amount)} of {Words.Number(limit.Value)}";
}
