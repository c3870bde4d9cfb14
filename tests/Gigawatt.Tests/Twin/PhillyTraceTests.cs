using Gigawatt.Twin.Traces;
using Gigawatt.Units;
using Xunit;

namespace Gigawatt.Tests.Twin;

public sealed class PhillyTraceTests : IDisposable
{
    private const string Header = "timestamp,duration,num_gpus,gpu_time,cluster";

    private readonly TraceFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(8, 1, 8)]
    [InlineData(12, 2, 6)]
    [InlineData(16, 2, 8)]
    [InlineData(13, 13, 1)]
    [InlineData(128, 16, 8)]
    public void A_job_with_more_gpus_than_a_node_has_becomes_the_smallest_gang_of_equal_tasks(int gpus, int gang, int each)
    {
        TraceJob job = Assert.Single(PhillyTrace.Read(_folder.Write("p.csv", Header, $"2017-10-09 07:01:55,66.5,{gpus},0,11cb48", "")));
        Assert.Equal((gang, each, "11cb48"), (job.Spec.GangSize, job.Spec.Accelerators, job.Spec.Tenant));
        Assert.Equal("2017-10-09T07:01:55Z", job.Submitted.ToString());
        Assert.Equal(Duration.FromMilliseconds(66_500), job.RunTime);
    }

    [Theory]
    [InlineData("yesterday,66.0,1,66.0,a", "timestamp", "a time such as 2017-10-09 07:01:55, found 'yesterday'")]
    [InlineData("2017-10-09 07:01:55,long,1,66.0,a", "duration", "found 'long'")]
    [InlineData("2017-10-09 07:01:55,NaN,1,66.0,a", "duration", "found 'NaN'")]
    [InlineData("2017-10-09 07:01:55,66.0,1.5,66.0,a", "num_gpus", "found '1.5'")]
    [InlineData("2017-10-09 07:01:55,66.0,1,66.0,", "cluster", "the virtual cluster, found nothing")]
    public void A_bad_row_is_refused_with_line_and_column(string row, string column, string said) =>
        TraceFolder.AssertRefuses(() => PhillyTrace.Read(_folder.Write("p.csv", Header, row)), 2, column, said);
}
