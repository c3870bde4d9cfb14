using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Gigawatt.Tests")]
[assembly: InternalsVisibleTo("Gigawatt.Benchmarks")]
[assembly: InternalsVisibleTo("gw")]
