using CsCheck;
using Gigawatt.Placement.Scoring;
using Xunit;

namespace Gigawatt.Tests.Placement;

public sealed class FirstMaximumTests
{
    [Fact]
    public void It_finds_the_first_position_of_the_highest_score() =>
        Gen.Select(Gen.Int[1, 3000], Gen.Select(Gen.Int[0, 2999], Gen.Frequency((1, Gen.Const(FirstMaximum.Absent)), (3, Gen.Int[-3, 3]))).Array[0, 200])
            .Sample((count, sets) =>
            {
                var tree = new FirstMaximum(count);
                int[] scores = new int[count];
                Array.Fill(scores, FirstMaximum.Absent);
                foreach ((int position, int score) in sets)
                {
                    tree.Set(position % count, score);
                    scores[position % count] = score;
                    int highest = scores.Max();
                    Assert.Equal(highest == FirstMaximum.Absent ? -1 : Array.IndexOf(scores, highest), tree.Find());
                }
            }, iter: 300);

    [Fact]
    public void Without_positions_there_is_no_candidate() => Assert.Equal(-1, new FirstMaximum(0).Find());
}
