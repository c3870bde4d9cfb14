using System.Net;
using Gigawatt.Models;
using Xunit;

namespace Gigawatt.Tests.Models;

public sealed class AddressReachTests
{
    [Theory]
    [InlineData("8.8.8.8", AddressReach.Public)]
    [InlineData("172.15.255.255", AddressReach.Public)]
    [InlineData("172.32.0.0", AddressReach.Public)]
    [InlineData("100.63.255.255", AddressReach.Public)]
    [InlineData("198.20.0.0", AddressReach.Public)]
    [InlineData("223.255.255.255", AddressReach.Public)]
    [InlineData("127.255.0.3", AddressReach.Loopback)]
    [InlineData("169.254.169.254", AddressReach.LinkLocal)]
    [InlineData("0.0.0.0", AddressReach.Private)]
    [InlineData("10.255.255.255", AddressReach.Private)]
    [InlineData("100.64.0.1", AddressReach.Private)]
    [InlineData("100.127.255.255", AddressReach.Private)]
    [InlineData("172.31.255.255", AddressReach.Private)]
    [InlineData("192.0.0.192", AddressReach.Private)]
    [InlineData("192.168.0.1", AddressReach.Private)]
    [InlineData("198.19.0.1", AddressReach.Private)]
    [InlineData("224.0.0.1", AddressReach.Private)]
    [InlineData("255.255.255.255", AddressReach.Private)]
    [InlineData("2001:4860:4860::8888", AddressReach.Public)]
    [InlineData("::1", AddressReach.Loopback)]
    [InlineData("::", AddressReach.Private)]
    [InlineData("fe80::1", AddressReach.LinkLocal)]
    [InlineData("febf::1", AddressReach.LinkLocal)]
    [InlineData("fec0::1", AddressReach.Private)]
    [InlineData("fd00:ec2::254", AddressReach.Private)]
    [InlineData("ff02::1", AddressReach.Private)]
    [InlineData("::ffff:127.0.0.1", AddressReach.Loopback)]
    [InlineData("::ffff:8.8.8.8", AddressReach.Public)]
    [InlineData("::ffff:169.254.169.254", AddressReach.LinkLocal)]
    [InlineData("64:ff9b::10.0.0.1", AddressReach.Private)]
    [InlineData("2002:0a00:0001::", AddressReach.Private)]
    [InlineData("64:ff9b:1::a9fe:a9fe", AddressReach.Private)]
    [InlineData("64:ff9b:1:ffff::10.0.0.1", AddressReach.Private)]
    [InlineData("64:ff9b:2::1", AddressReach.Public)]
    [InlineData("100::1", AddressReach.Private)]
    [InlineData("2001:0:4136:e378:8000:63bf:5601:5601", AddressReach.Private)]
    [InlineData("2002:0808:0808::1", AddressReach.Public)]
    public void An_addresss_reach_is_that_of_the_range_it_lies_in(string address, AddressReach reach) =>
        Assert.Equal(reach, AddressReaches.Of(IPAddress.Parse(address)));
}
