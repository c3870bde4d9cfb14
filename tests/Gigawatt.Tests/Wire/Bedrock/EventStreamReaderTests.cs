using System.Text;
using CsCheck;
using Gigawatt.Wire.Bedrock;
using Xunit;

namespace Gigawatt.Tests.Wire.Bedrock;

public sealed class EventStreamReaderTests
{
    // The vectors of AWS's SDKs (github.com/aws/aws-sdk-js-v3, eventstream-marshaller, TestVectors.fixture.ts).
    private const string NoHeaders = "0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936";
    private const string OneHeader = "0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1";
    private const string NumberHeader = "0000002b0000000e348bec7b086576656e742d6964040000a00c7b27666f6f273a27626172277dd3890285";

    [Theory]
    [InlineData("000000100000000005c248eb7d98c8ff", "", "")]
    [InlineData(NoHeaders, "", "{'foo':'bar'}")]
    [InlineData(OneHeader, "application/json", "{'foo':'bar'}")]
    [InlineData(NumberHeader, "", "{'foo':'bar'}")]
    public void A_published_message_is_read(string hex, string contentType, string payload)
    {
        EventStreamReader reader = new();
        Feed(reader, Convert.FromHexString(hex));
        Assert.True(reader.TryRead(out EventStreamMessage message));
        Assert.Equal((contentType, payload), (Encoding.UTF8.GetString(message.Header("content-type"u8)), Encoding.UTF8.GetString(message.Payload)));
        Assert.False(reader.InsideMessage);
        Assert.False(reader.TryRead(out _));
    }

    [Theory]
    [InlineData("0000003d0000002007fd83960c636f6e74656e742b747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1")] // headers
    [InlineData("0000003d0000012007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1")] // header length
    [InlineData("0100001d00000000fd528c5a7b27666f6f273a27626172277dc3653936")] // length
    [InlineData("0000001d00000000fd528c5a7b27666f6f273a27626172278dc3653936")] // payload
    public void A_published_message_that_was_changed_is_refused(string hex)
    {
        EventStreamReader reader = new();
        Feed(reader, Convert.FromHexString(hex));
        Assert.Throws<FormatException>(() => reader.TryRead(out _));
    }

    [Fact]
    public void Any_one_changed_bit_is_found()
    {
        byte[] whole = Convert.FromHexString(OneHeader);
        for (int bit = 0; bit < whole.Length * 8; bit++)
        {
            byte[] changed = [.. whole];
            changed[bit / 8] ^= (byte)(1 << bit % 8);
            EventStreamReader reader = new();
            Feed(reader, changed);
            Assert.Throws<FormatException>(() => reader.TryRead(out _));
        }
    }

    [Fact]
    public void Arbitrary_bytes_are_refused_or_waited_for_and_never_break_it() =>
        Gen.Byte.Array[0, 64].Sample(bytes =>
        {
            EventStreamReader reader = new();
            Feed(reader, bytes);
            try { while (reader.TryRead(out EventStreamMessage message)) { _ = message.Header("x"u8).Length; } }
            catch (FormatException) { /* It said so. */ }
        });

    private static void Feed(EventStreamReader reader, byte[] bytes)
    {
        foreach (byte one in bytes)
        {
            reader.Free().Span[0] = one;
            reader.Advance(1);
        }
    }
}
