using YamlDotNet.Serialization;

namespace Osmo.BackendOperator.Kubernetes.Access;

// The file as it stands, of which only what is named here is read. Names are kubectl's.
internal sealed class KubeConfig
{
    [YamlMember(Alias = "current-context", ApplyNamingConventions = false)]
    public string? CurrentContext { get; set; }

    public List<NamedContext> Contexts { get; set; } = [];

    public List<NamedCluster> Clusters { get; set; } = [];

    public List<NamedUser> Users { get; set; } = [];

    internal sealed class NamedContext
    {
        public string? Name { get; set; }

        public Context? Context { get; set; }
    }

    internal sealed class Context
    {
        public string? Cluster { get; set; }

        public string? User { get; set; }

        public string? Namespace { get; set; }
    }

    internal sealed class NamedCluster
    {
        public string? Name { get; set; }

        public ClusterEntry? Cluster { get; set; }
    }

    internal sealed class ClusterEntry
    {
        public string? Server { get; set; }

        [YamlMember(Alias = "certificate-authority", ApplyNamingConventions = false)]
        public string? CertificateAuthority { get; set; }

        [YamlMember(Alias = "certificate-authority-data", ApplyNamingConventions = false)]
        public string? CertificateAuthorityData { get; set; }

        [YamlMember(Alias = "tls-server-name", ApplyNamingConventions = false)]
        public string? TlsServerName { get; set; }

        [YamlMember(Alias = "insecure-skip-tls-verify", ApplyNamingConventions = false)]
        public bool InsecureSkipTlsVerify { get; set; }
    }

    internal sealed class NamedUser
    {
        public string? Name { get; set; }

        public User? User { get; set; }
    }

    internal sealed class User
    {
        [YamlMember(Alias = "client-certificate", ApplyNamingConventions = false)]
        public string? ClientCertificate { get; set; }

        [YamlMember(Alias = "client-certificate-data", ApplyNamingConventions = false)]
        public string? ClientCertificateData { get; set; }

        [YamlMember(Alias = "client-key", ApplyNamingConventions = false)]
        public string? ClientKey { get; set; }

        [YamlMember(Alias = "client-key-data", ApplyNamingConventions = false)]
        public string? ClientKeyData { get; set; }

        public string? Token { get; set; }

        public string? TokenFile { get; set; }

        public Exec? Exec { get; set; }

        [YamlMember(Alias = "auth-provider", ApplyNamingConventions = false)]
        public object? AuthProvider { get; set; }

        public string? Username { get; set; }
    }

    internal sealed class Exec
    {
        public string? ApiVersion { get; set; }

        public string? Command { get; set; }

        public List<string>? Args { get; set; }

        public List<ExecVariable>? Env { get; set; }
    }

    internal sealed class ExecVariable
    {
        public string Name { get; set; } = "";

        public string Value { get; set; } = "";
    }
}
