package charm

import "strings"

// What things are called, in Juju, in Pebble and in the container. Where the
// charm that this one replaces had a name, it is that.
const (
	charmName     = "kratos"
	containerName = "kratos"
	keysLabel     = "cookie_secret"

	layerLabel     = "kratos"
	serviceKratos  = "kratos"
	serviceCourier = "courier"
	serviceUI      = "ui"
	checkReady     = "ready"
	checkAlive     = "alive"

	configPath       = "/etc/config/kratos/kratos.yaml"
	templatesDir     = "/etc/config/templates"
	recoveryPath     = templatesDir + "/recovery-body.html.gotmpl"
	verificationPath = templatesDir + "/verification_code/valid/email.body.gotmpl"
	caDir            = "/etc/config/ca"
	caPath           = caDir + "/received.pem"
	databaseCAPath   = "/etc/config/postgresql/ca.pem"
	// What is not Kratos' to read lies apart from what is.
	memoryPath    = "/etc/config/kratos-agent/memory.json"
	candidatePath = "/etc/config/kratos-agent/candidate/kratos.yaml"
	programPath   = "/etc/config/kratos-agent/bin/kratos-agent"

	verificationResource = "verification-email-template"

	// Variables of the services' environment that Kratos does not read: the
	// hashes of the files, so that a new one is a changed plan, and the version
	// of the program, so that it is asked once in the life of a container.
	filesVariable   = "KRATOS_AGENT_FILES"
	versionVariable = "KRATOS_AGENT_WORKLOAD_VERSION"
	// databaseVariable is the number of the relation whose database is used.
	databaseVariable = "KRATOS_AGENT_DATABASE"
	// programVariable is the hash of this program, in the environment of the
	// service that runs it.
	programVariable = "KRATOS_AGENT_PROGRAM"
)

// allServices are all that the charm runs.
func allServices() []string { return []string{serviceKratos, serviceCourier, serviceUI} }

// sentence gives an error as a status shows it: Juju shows a status in one line.
func sentence(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
