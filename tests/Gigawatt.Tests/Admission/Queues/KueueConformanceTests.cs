using Gigawatt.Admission.Queues;
using Gigawatt.Tests.Support;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Admission.Queues;

/// <summary>
/// Goal: who knows Kueue finds what its documentation says. Method: the examples of its pages on cluster queues and cohorts
/// (kueue.sigs.k8s.io/docs/concepts/cluster_queue and /cohort), one accelerator for each of their CPUs, on a fleet that never binds.
/// </summary>
public sealed class KueueConformanceTests
{
    [Fact]
    public void Cluster_queue_A_queue_admits_up_to_its_nominal_quota() =>
        Assert.Equal([9], Fill([], [Queue("cluster-queue", "", 9)]));

    [Fact]
    public void Cohort_A_queue_borrows_what_the_others_leave_unused() =>
        Assert.Equal([0, 21], Fill([Cohort("team-ab")], [Queue("team-a-cq", "team-ab", 9), Queue("team-b-cq", "team-ab", 12)], "team-b-cq"));

    [Fact]
    public void Borrowing_limit_A_queue_uses_at_most_nominal_and_limit() =>
        Assert.Equal([10, 0], Fill([Cohort("team-ab")], [Queue("team-a-cq", "team-ab", 9, borrowing: 1), Queue("team-b-cq", "team-ab", 12)], "team-a-cq"));

    [Fact]
    public void Lending_limit_The_others_get_only_what_is_lent() =>
        Assert.Equal([10, 0], Fill([Cohort("team-ab")], [Queue("team-a-cq", "team-ab", 9), Queue("team-b-cq", "team-ab", 12, lending: 1)], "team-a-cq"));

    [Fact]
    public void Lending_limit_What_is_not_lent_stays_usable_by_its_owner() =>
        Assert.Equal([10, 11], Fill([Cohort("team-ab")], [Queue("team-a-cq", "team-ab", 9), Queue("team-b-cq", "team-ab", 12, lending: 1)], "team-a-cq", "team-b-cq"));

    [Fact]
    public void Cohort_quota_is_a_pool_beside_that_of_the_queues() =>
        Assert.Equal([12], Fill([Cohort("hello-cohort", nominal: 12)], [Queue("my-cluster-queue", "hello-cohort", 0)]));

    [Fact]
    public void A_queue_must_have_a_quota_for_what_it_borrows_even_if_it_is_zero()
    {
        TestCell cell = Begin([Cohort("hello-cohort", nominal: 12)], [new JobQueueModel("my-cluster-queue", "hello-cohort", 1000, [new("a100", 0)], [])]);
        Assert.Equal(Gigawatt.Admission.RefusalKind.OverQuota, cell.Loop.Check(One("my-cluster-queue"))!.Kind);
    }

    [Fact]
    public void Hierarchical_cohorts_borrow_across_the_tree() =>
        Assert.Equal([0, 8], Fill([Cohort("root"), Cohort("important", "root"), Cohort("regular", "root")], [Queue("i", "important", 5), Queue("r", "regular", 3)], "r"));

    [Fact]
    public void Hierarchical_cohorts_limit_what_leaves_and_what_enters() =>
        Assert.Equal([0, 6, 0], Fill(
            [Cohort("root"), Cohort("important", "root", lending: 2), Cohort("regular", "root", borrowing: 3)],
            [Queue("i", "important", 5), Queue("r", "regular", 3), Queue("other", "root", 4)], "r"));

    [Fact]
    public void Fair_sharing_tends_to_three_quarters_and_one_quarter_of_the_common_resources_by_weight()
    {
        TestCell cell = Begin(
            [Cohort("root-cohort", nominal: 16), Cohort("important-org", "root-cohort", weight: 750), Cohort("regular-org", "root-cohort", weight: 250)],
            [Queue("i", "important-org", 0), Queue("r", "regular-org", 0)]);
        // The fleet is held until both have all their jobs waiting, so that the order is the tree's choice.
        Job first = cell.Submit(One("i") with { GangSize = 16 });
        for (int i = 0; i < 16; i++) { cell.Submit(One("r")); }
        for (int i = 0; i < 16; i++) { cell.Submit(One("i")); }
        for (int rank = 0; rank < 16; rank++) { cell.Exit(first, rank); }
        Assert.Equal((12, 4), (Running(cell, "i"), Running(cell, "r")));
    }

    private static int[] Fill(CohortModel[] cohorts, JobQueueModel[] queues, params string[] submitting)
    {
        TestCell cell = Begin(cohorts, queues);
        foreach (string queue in submitting.Length > 0 ? submitting : [queues[0].Name])
        {
            for (int i = 0; i < 30; i++) { cell.Submit(One(queue)); }
        }

        return [.. queues.Select(q => Running(cell, q.Name))];
    }

    private static int Running(TestCell cell, string queue) =>
        cell.Loop.State.Jobs.InOrder().Count(job => job.Queue == queue && job.Phase.HoldsCapacity());

    private static TestCell Begin(CohortModel[] cohorts, JobQueueModel[] queues)
    {
        var cell = new TestCell(TestCell.Fleet(TestCell.Group("node", racks: 4, nodesPerRack: 4, cpuMilli: 64_000, type: 1, accelerators: 8)));
        cell.Step(new Gigawatt.Execution.QueuesSet(new QueueModel { Cohorts = cohorts, Queues = queues }));
        return cell;
    }

    private static JobSpec One(string queue) => TestCell.Spec(accelerators: 1) with { Queue = queue, AcceleratorTypes = ["h100"] };

    private static CohortModel Cohort(string name, string parent = "", int? nominal = null, int? borrowing = null, int? lending = null, int weight = 1000) =>
        new(name, parent, weight, nominal is null && borrowing is null && lending is null ? [] : [Quota(nominal ?? 0, borrowing, lending)]);

    private static JobQueueModel Queue(string name, string cohort, int nominal, int? borrowing = null, int? lending = null) =>
        new(name, cohort, 1000, [Quota(nominal, borrowing, lending)], []);

    private static AcceleratorQuota Quota(int nominal, int? borrowing, int? lending) => new("h100", nominal * 1000L, borrowing * 1000L, lending * 1000L);
}
