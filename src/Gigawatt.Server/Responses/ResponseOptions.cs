using Gigawatt.Units;

namespace Gigawatt.Server.Responses;

/// <summary>How much of <c>/v1/responses</c> is kept.</summary>
/// <param name="Kept">How long a response is kept after it was last used.</param>
/// <param name="LengthMax">Most bytes of all of them; those unused for longest go first.</param>
internal sealed record ResponseOptions(Duration Kept, long LengthMax);
