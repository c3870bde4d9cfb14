using Gigawatt.Twin.Experiments;
using Xunit;

namespace Gigawatt.Tests.Twin;

/// <summary>Holds the experiment to the results that Weng et al. published with "Beware of Fragmentation" (USENIX ATC 2023).</summary>
public sealed class FgdPublishedTests
{
    [Theory]
    [InlineData("fgd", 95.29)]
    [InlineData("best-fit", 93.13)]
    [InlineData("dot-product", 90.54)]
    [InlineData("gpu-packing", 91.57)]
    [InlineData("gpu-clustering", 91.53)]
    public void The_default_workload_with_seed_42_is_allocated_as_published(string policy, decimal percent)
    {
        FgdResult result = FgdExperiment.Run(OpenbFiles.Input("default", 42), policy);
        Assert.Equal(percent, result.AllocationPercent);
        Assert.Equal(10_866, result.Jobs);
        Assert.Equal(result.Jobs, result.Placed + result.Dropped);
    }

    [Fact]
    public void Fgd_ends_with_the_allocated_and_fragmented_accelerators_of_the_authors_run()
    {
        FgdResult result = FgdExperiment.Run(OpenbFiles.Input("default", 42), "fgd");
        Assert.Equal(5_919_410, result.UsedMilli);
        Assert.Equal(6_212_000, result.CapacityMilli);
        Assert.Equal(99.58, Math.Round(100 * result.FragmentedMilli / (result.CapacityMilli - result.UsedMilli), 2));
    }

    [Theory]
    [InlineData("default")]
    [InlineData("gpuspec33")]
    [InlineData("multigpu20")]
    [InlineData("gpushare40")]
    public void Every_published_row_of_a_workload_is_met_at_every_load(string workload)
    {
        var allocated = OpenbFiles.Published("fgd_expected_alloc_discrete.csv.gz");
        var fragmented = OpenbFiles.Published("fgd_expected_frag_discrete.csv.gz");
        for (long seed = 42; seed <= 51; seed++, TestContext.Current.CancellationToken.ThrowIfCancellationRequested())
        {
            FgdInput input = OpenbFiles.Input(workload, seed);
            foreach ((string policy, string published) in OpenbFiles.Policies)
            {
                FgdResult result = FgdExperiment.Run(input, policy);
                decimal[] allocation = allocated[(workload, published, seed)], fragments = fragmented[(workload, published, seed)];
                string row = $"{workload}, seed {seed}, {policy}";
                Assert.True(allocation[130] == result.AllocationPercent, $"{row}: {result.AllocationPercent} instead of {allocation[130]}");
                for (int load = 0; load <= 130; load++)
                {
                    Assert.True(allocation[load] == result.AllocationByArrived[load], $"{row}, load {load}: {result.AllocationByArrived[load]} instead of {allocation[load]}");

                    // Their log has fragments to a hundredth of a thousandth, so a mean that lies on a tie may fall to either side.
                    decimal difference = Math.Abs(fragments[load] - result.FragmentedByArrived[load]!.Value);
                    Assert.True(difference <= 0.01m, $"{row}, load {load}: fragmented by {difference} beside the published value");
                }
            }
        }
    }
}
