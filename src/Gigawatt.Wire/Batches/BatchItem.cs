namespace Gigawatt.Wire.Batches;

/// <summary>Where one request of a batch stands in the body.</summary>
/// <param name="CustomId">The caller's name for it: 1 to 64 letters, digits, dashes and underscores.</param>
/// <param name="Offset">Where its <c>params</c> begin, in bytes from the body's first.</param>
/// <param name="Length">Length of its <c>params</c> in bytes.</param>
public readonly record struct BatchItem(string CustomId, long Offset, int Length);
