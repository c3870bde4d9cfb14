using Gigawatt.Cli.Terminal;
using Xunit;

namespace Gigawatt.Tests.Cli;

public sealed class WordsTests
{
    [Theory]
    [InlineData(-5, "0s")]
    [InlineData(0, "0s")]
    [InlineData(0.2, "200ms")]
    [InlineData(1, "1s")]
    [InlineData(119, "1m")]
    [InlineData(7_199, "1h")]
    [InlineData(47 * 3600, "47h")]
    [InlineData(49 * 3600, "2d")]
    public void A_span_is_told_in_one_unit_and_never_longer_than_it_is(double seconds, string expected) =>
        Assert.Equal(expected, Words.Span(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, "0 J")]
    [InlineData(83.5, "83.5 J")]
    [InlineData(3_600, "1 Wh")]
    [InlineData(5_400_000, "1.5 kWh")]
    [InlineData(7_200_000_000, "2 MWh")]
    public void Energy_has_a_unit_of_its_size(double joules, string expected) => Assert.Equal(expected, Words.Energy((decimal)joules));

    [Theory]
    [InlineData("0", "$0.00")]
    [InlineData("0.000321", "$0.000321")]
    [InlineData("0.5", "$0.50")]
    [InlineData("1234.567", "$1,234.57")]
    public void Small_amounts_of_money_keep_the_digits_that_matter(string usd, string expected) =>
        Assert.Equal(expected, Words.Dollars(decimal.Parse(usd, System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("a", "a")]
    [InlineData("--lr=1e-4", "--lr=1e-4")]
    [InlineData("", "''")]
    [InlineData("a b", "'a b'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("$HOME", "'$HOME'")]
    public void A_command_is_shown_as_a_shell_would_take_it(string argument, string expected) => Assert.Equal(expected, Words.ShellLine([argument]));

    [Fact]
    public void Control_characters_of_foreign_text_do_not_reach_the_terminal() =>
        Assert.Equal("a\uFFFD[2Jb\uFFFDc d", Words.Cell("a\u001b[2Jb\u009bc\nd"));
}
