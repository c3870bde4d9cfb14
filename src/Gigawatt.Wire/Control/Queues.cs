namespace Gigawatt.Wire.Control;

/// <summary>Queues and cohorts: <c>GET /gigawatt/v1/queues</c>.</summary>
/// <param name="Queues">Each cohort before its members.</param>
public sealed record QueueList(IReadOnlyList<QueueView> Queues);

/// <summary>A queue or cohort as it stands now.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind"><c>queue</c> or <c>cohort</c>.</param>
/// <param name="Parent">The cohort it is part of; null at the top.</param>
/// <param name="Depth">How many cohorts are above it.</param>
/// <param name="Weight">Its weight in fair sharing.</param>
/// <param name="Share">Its dominant share, 0 while it stays within its own; null when it borrows with a weight of 0.</param>
/// <param name="Waiting">Jobs that wait in it, or in its members.</param>
/// <param name="Active">Jobs that hold capacity.</param>
/// <param name="Quotas">By accelerator type.</param>
public sealed record QueueView(
    string Name, string Kind, string? Parent, int Depth, double Weight, double? Share, int Waiting, int Active, IReadOnlyList<QuotaView> Quotas);

/// <summary>What a queue or cohort may use and does use of one accelerator type, in accelerators.</summary>
/// <param name="AcceleratorType">The type.</param>
/// <param name="Nominal">What is its own; of a cohort with what its members have.</param>
/// <param name="Used">What its jobs hold.</param>
/// <param name="Borrowed">What it uses beyond its own.</param>
/// <param name="BorrowingLimit">The most of that; null has no limit.</param>
/// <param name="Lent">What others use of its own; where several could be the lender, in proportion to what each leaves idle.</param>
/// <param name="LendingLimit">The most of that; null has no limit.</param>
/// <param name="Available">What it could still use now.</param>
public sealed record QuotaView(
    string AcceleratorType, double Nominal, double Used, double Borrowed, double? BorrowingLimit, double Lent, double? LendingLimit, double Available);
