using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("gw")]
[assembly: InternalsVisibleTo("Gigawatt.Tests")]
[assembly: InternalsVisibleTo("Gigawatt.Benchmarks")]
