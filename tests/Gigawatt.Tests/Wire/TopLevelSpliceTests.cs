using System.Text;
using System.Text.Json;
using CsCheck;
using Gigawatt.Wire;
using Xunit;

namespace Gigawatt.Tests.Wire;

public sealed class TopLevelSpliceTests
{
    [Theory]
    [InlineData("{}", "", "{}")]
    [InlineData(" { } ", "\"v\":1", " {\"v\":1 } ")]
    [InlineData("{\"model\":\"x\"}", "", "{}")]
    [InlineData("{\"model\":\"x\"}", "\"v\":1", "{\"v\":1}")]
    [InlineData("{\"a\":1,\"model\":{\"model\":[1,{\"b\":2}]},\"b\":2}", "\"v\":1", "{\"v\":1,\"a\":1,\"b\":2}")]
    [InlineData("{\"a\":{\"model\":1}}", "\"v\":1", "{\"v\":1,\"a\":{\"model\":1}}")]
    [InlineData("{ \"a\" : 1.00 , \"mod\\u0065l\" : \"},{\" ,\n \"b\":\"\\u0041,}\" }", "\"v\":1", "{\"v\":1, \"a\" : 1.00 ,\n \"b\":\"\\u0041,}\" }")]
    [InlineData("{\"model\":1,\"a\":2,\"model\":3}", "", "{\"a\":2}")]
    [InlineData("[1]", "\"v\":1", "[1]")]
    [InlineData("{\"a\":", "\"v\":1", "{\"a\":")]
    [InlineData("{\"a\":1} x", "\"v\":1", "{\"a\":1} x")]
    public void Only_what_was_asked_for_is_taken_out_and_put_in(string body, string first, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(TopLevelSplice.Apply(Encoding.UTF8.GetBytes(body), Encoding.UTF8.GetBytes(first), ["model", "stream"])));

    [Fact]
    public void What_is_left_of_any_object_is_what_was_there()
    {
        Gen<string> name = Gen.Int[0, 4].Select(i => ((string[])["model", "stream", "a", "b\"", "\u00e9"])[i]);
        Gen<object> value = Gen.OneOf<object>(Gen.Int.Select(i => (object)i), Gen.String.Select(s => (object)s), Gen.Int.Array[0, 3].Select(a => (object)a));
        Gen.Select(name, value).Array[0, 8].Sample(members =>
        {
            Dictionary<string, object> all = [];
            foreach ((string key, object one) in members) { all[key] = one; }
            byte[] body = JsonSerializer.SerializeToUtf8Bytes(all);
            byte[] result = TopLevelSplice.Apply(body, "\"v\":1"u8, ["model", "stream"]);
            all.Remove("model");
            all.Remove("stream");
            string expected = JsonSerializer.Serialize(all);
            Assert.Equal(expected == "{}" ? "{\"v\":1}" : $"{{\"v\":1,{expected[1..]}", Encoding.UTF8.GetString(result));
        });
    }

    [Theory]
    [InlineData("{\"a\":1,\"type\":\"x\"}", true)]
    [InlineData("{\"a\":{\"type\":1}}", false)]
    [InlineData("{\"a\":", false)]
    [InlineData("7", false)]
    public void A_member_is_found_at_the_top_only(string body, bool found) => Assert.Equal(found, TopLevelSplice.TryFind(Encoding.UTF8.GetBytes(body), "type", out _));
}
