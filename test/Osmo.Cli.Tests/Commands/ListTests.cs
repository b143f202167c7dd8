using Microsoft.AspNetCore.Http;

namespace Osmo.Cli.Tests.Commands;

public class ListTests
{
    [Fact]
    public async Task WorkflowList_MoreThanAPage_AsksForPagesAndPutsTheNewestLast()
    {
        await using var service = await ScriptedService.Start(context =>
        {
            var (offset, limit) = (int.Parse(context.Request.Query["offset"]!), int.Parse(context.Request.Query["limit"]!));
            var rows = Enumerable.Range(offset, limit).Select(n => $$"""{"name": "w-{{n}}"}""");
            return context.Response.WriteAsync($$"""{"workflows": [{{string.Join(',', rows)}}], "more_entries": true}""");
        });

        var run = await CliRun.At(service.Url, "workflow", "list", "-c", "1500", "-t", "json");

        Assert.Equal(
            [
                "GET /api/workflow?order=DESC&all_pools=True&limit=1000&offset=0",
                "GET /api/workflow?order=DESC&all_pools=True&limit=500&offset=1000",
            ],
            service.Requests);
        Assert.StartsWith("{\n  \"workflows\": [\n    {\n      \"name\": \"w-1499\"", run.Output);
    }

    [Fact]
    public async Task ResourceList_NodeInTwoPools_IsCountedOnce()
    {
        const string Resources = """
            {"resources": [
              {"exposed_fields": {"node": "node-a", "pool/platform": ["main/a100", "bench/a100"]}, "resource_type": "SHARED",
               "usage_fields": {"storage": "12Gi", "cpu": "19500m", "memory": "95.5Gi", "gpu": "3"},
               "allocatable_fields": {"storage": "900Gi", "cpu": "64", "memory": "480Gi", "gpu": "8"}},
              {"exposed_fields": {"node": "node-b", "pool/platform": ["main/cpu"]}, "resource_type": "RESERVED",
               "usage_fields": {"cpu": "2", "memory": "8Gi"},
               "allocatable_fields": {"cpu": "1", "memory": "1Gi"},
               "platform_allocatable_fields": {"main": {"cpu": {"storage": 429496729600, "cpu": 32, "memory": "125829120Ki", "gpu": 0}}}}
            ]}
            """;
        await using var service = await ScriptedService.Start(context =>
            context.Response.WriteAsync(context.Request.Path == "/api/pool" ? """{"pools": {"main": {}}}""" : Resources));

        var run = await CliRun.At(service.Url, "resource", "list", "-p", "main");

        Assert.Equal(
            """
            Node     Pool    Platform   Type       Storage [Gi]   CPU [#]   Memory [Gi]   GPU [#]
            =====================================================================================
            node-a   main    a100       SHARED     12/900         20/64     96/480        3/8    
                     bench   a100                  12/900         20/64     96/480        3/8    
            node-b   main    cpu        RESERVED   0/400          2/32      8/120         0      
            =====================================================================================
                                                   12/1300        22/96     104/600       3/8    

            """,
            run.Output);
    }

    [Fact]
    public async Task ResourceList_UnknownPool_IsRefused()
    {
        await using var service = await ScriptedService.Start(200, """{"pools": {"main": {}}}""");

        var run = await CliRun.At(service.Url, "resource", "list", "--pool", "main", "other");

        Assert.Equal((2, "Error message: Pool other does not exist!\nError code: 1\n"), (run.ExitCode, run.Output));
    }

    [Theory]
    [InlineData("resource info n -p a -pl b", 0, "Node n is not in pool a and platform b\n")]
    [InlineData("resource info n", 0, "n is in no pool.\n")]
    [InlineData("resource info n -p a", 2, "Error message: Pool and platform must be specified at the same time.\nError code: 1\n")]
    public async Task ResourceInfo_NothingToShow_SaysWhy(string words, int exitCode, string output)
    {
        await using var service = await ScriptedService.Start(200, """{"resources": [{"exposed_fields": {"pool/platform": []}}]}""");

        var run = await CliRun.At(service.Url, [.. words.Split(' ')]);

        Assert.Equal((exitCode, output), (run.ExitCode, run.Output));
    }

    [Fact]
    public async Task TaskList_NullsAndFractions_AreShownAndSummed()
    {
        await using var service = await ScriptedService.Start(200, """
            {"summaries": [{"user": "demo", "pool": null, "priority": "LOW", "storage": 10.5, "cpu": 8, "memory": null, "gpu": 4},
                           {"user": "ops", "pool": "main", "priority": "LOW", "storage": 1.5, "cpu": 2, "memory": 4.0, "gpu": 0}]}
            """);

        var run = await CliRun.At(service.Url, "task", "list", "-S", "-a");

        Assert.Equal(
            """
            User   Pool   Priority   storage   cpu   memory   gpu
            =====================================================
            demo   -      LOW        10.5      8     -        4  
            ops    main   LOW        1.5       2     4.0      0  
            =====================================================
                                     12.0      10    4.0      4  

            """,
            run.Output);
    }
}
