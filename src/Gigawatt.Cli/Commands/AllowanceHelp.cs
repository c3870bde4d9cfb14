namespace Gigawatt.Cli.Commands;

/// <summary>What help says of budgets and limits, once for all commands that take them.</summary>
internal static class AllowanceHelp
{
    public const string Note =
        "A BUDGET is an amount and its time: $20 per day, 5M tokens per week, 10kWh per month, 50kg in total (CO2e); days, weeks and months are those of UTC. "
        + "A LIMIT is 60rpm (requests per minute), 40k itpm (input tokens per minute), 8k otpm (output tokens), 100k tpm (both) or 16 concurrent. "
        + "Each may end in \"for MODEL\", such as $5 per day for claude-opus-*.";
}
