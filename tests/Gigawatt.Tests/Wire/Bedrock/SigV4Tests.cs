using System.Text;
using Gigawatt.Wire.Bedrock;
using Xunit;

namespace Gigawatt.Tests.Wire.Bedrock;

/// <summary>Vectors of AWS's signing test suite (github.com/awslabs/aws-c-auth, tests/aws-signing-test-suite/v4), by their names.</summary>
public sealed class SigV4Tests
{
    private const string Time = "20150830T123600Z";

    [Theory]
    [InlineData("get-vanilla", "GET", "/", "", "", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("get-vanilla-query-order-key-case", "GET", "/", "Param2=value2&Param1=value1", "", "", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [InlineData("get-unreserved", "GET", "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "", "", "", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f")]
    [InlineData("get-utf8", "GET", "/\u1234", "", "", "", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85")]
    [InlineData("get-space-normalized", "GET", "/example space/", "", "", "", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741")]
    [InlineData("get-header-value-trim", "GET", "/", "", "my-header1: value1|my-header2: \"a   b   c\"", "", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736")]
    [InlineData("get-vanilla-with-session-token", "GET", "/", "", "x-amz-security-token:6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267", "", "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8")]
    [InlineData("post-vanilla", "POST", "/", "", "", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("post-header-key-sort", "POST", "/", "", "my-header1:value1", "", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c")]
    [InlineData("post-x-www-form-urlencoded", "POST", "/", "", "content-type:application/x-www-form-urlencoded|content-length:13|x-amz-content-sha256:9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e", "Param1=value1", "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b")]
    public void A_published_request_gets_its_published_signature(string name, string method, string path, string query, string headers, string body, string signature)
    {
        Assert.NotEmpty(name);
        KeyValuePair<string, string>[] all =
        [
            .. headers.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(line => new KeyValuePair<string, string>(line[..line.IndexOf(':')], line[(line.IndexOf(':') + 1)..]))
                .Append(new("host", "example.amazonaws.com")).Append(new("x-amz-date", Time)).OrderBy(h => h.Key, StringComparer.Ordinal),
        ];
        KeyValuePair<string, string>[] pairs = [.. query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => new KeyValuePair<string, string>(p.Split('=')[0], p.Split('=')[1]))];
        string signed = string.Join(';', all.Select(h => h.Key));
        Assert.Equal(
            $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={signed}, Signature={signature}",
            SigV4.Authorization("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1/service", method, path, pairs, all, Encoding.UTF8.GetBytes(body)));
    }

    [Fact]
    public void A_path_that_is_escaped_already_is_escaped_once_more_as_aws_does()
    {
        // The path is what is sent; AWS escapes what it received.
        string Sign(string path) => SigV4.Authorization("A", "S", "r/bedrock", "POST", path, [], [new("host", "h"), new("x-amz-date", Time)], "{}"u8);
        Assert.NotEqual(Sign("/model/a%3A0/invoke"), Sign("/model/a:0/invoke"));
        Assert.Equal("20261123T120000Z", SigV4.Date(new DateTimeOffset(2026, 11, 23, 14, 0, 0, TimeSpan.FromHours(2))));
    }
}
