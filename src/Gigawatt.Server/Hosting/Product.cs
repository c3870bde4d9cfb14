using System.Reflection;

namespace Gigawatt.Server.Hosting;

/// <summary>The product's own name card.</summary>
public static class Product
{
    /// <summary>The version, such as <c>0.1.0</c>.</summary>
    public static string Version { get; } =
        typeof(Product).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
