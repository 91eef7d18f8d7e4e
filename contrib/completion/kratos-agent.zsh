#compdef kratos-agent
# zsh completion for kratos-agent; print it with: kratos-agent completion zsh

_kratos_agent() {
    local curcontext="$curcontext" state line
    local -a common commands
    common=(
        '--endpoint=[Where Kratos'\'' admin API is]:URL:'
        '--ca-file=[Certificates, in PEM, to trust beside the system'\''s]:FILE:_files'
        '--format=[How the result is written]:value:(table json yaml)'
        '--quiet=-[Write ids or values alone, one a line, and nothing but errors to stderr (and what --dry-run says)]::value:(true false)'
        '--dry-run=-[Change nothing\: say what would be done]::value:(true false)'
        '--yes=-[Ask nothing]::value:(true false)'
        '--timeout=[How long the whole action may take, retries included (90s, 5m)]:DURATION:'
        '--help[Show help]'
    )
    commands=(
        'create-admin-account:Create an administrator'\''s identity'
        'get-identity:Show an identity'
        'invite-user:Create an identity for a person and issue a recovery link, or a code, by which they get in and set a password'
        'reset-password:Set a person'\''s password from a secret, or issue a recovery code or link by which they set it themselves'
        'reset-identity-mfa:Remove a second factor, so that a person who lost it can sign in and enrol a new one'
        'invalidate-identity-sessions:End every session of a person'
        'delete-identity:Delete an identity with its credentials and sessions'
        'delete-user:Delete a person'\''s identity with its credentials and sessions: delete-identity, which completes when there is none'
        'disable-identity:Keep a person from signing in, without deleting anything'
        'enable-identity:Let a person whose identity was disabled sign in again'
        'list-oidc-accounts:List the social logins that are linked to an identity, as provider:subject'
        'unlink-oidc-account:Remove a social login from an identity'
        'run-migration:Migrate the database to the version of Kratos that this unit runs, and let Kratos serve'
        'rotate-secrets:Make new secrets for Kratos: for cookies, for what it encrypts, and for all else'
        'completion:Print a shell'\''s completion script'
        'help:Show help'
        'man:Print the manual page'
        'ui:Serve the pages of sign-in and self-service'
        'version:Print the version'
    )
    _arguments -C $common '--version[Print the version]' '1:command:->command' '*::argument:->argument'
    case $state in
    command)
        _describe command commands
        ;;
    argument)
        case $words[1] in
        create-admin-account)
            _arguments $common \
                '--username=[The username to sign in with]:VALUE:' \
                '--email=[The email address, which is also an identifier to sign in with]:VALUE:' \
                '--password-secret-id=[The id of a Juju secret that holds the key "password" (juju add-secret NAME password=VALUE, then juju grant-secret NAME kratos)]:VALUE:' \
                '--password-file=[The file that holds the password, or - for stdin, where a person at a terminal is asked]:FILE|-:_files' \
                '--name=[The full name (trait "name")]:VALUE:' \
                '--phone-number=[The phone number (trait "phone_number")]:VALUE:' \
                '--schema-id=[The identity schema of the account]:VALUE:' \
                '--expires-in=[How long the recovery link and code work\: a Go duration (90m, 12h) or whole days (7d), above 0]:VALUE:' \
                '1:EMAIL:'
            ;;
        get-identity)
            _arguments $common \
                '--identity-id=[The identity'\''s id, a UUID]:VALUE:' \
                '--email=[What the person signs in with\: an email address or a username, in any letter case]:VALUE:' \
                '1:IDENTITY-ID|EMAIL:'
            ;;
        invite-user)
            _arguments $common \
                '--email=[The email address of the person to invite, which becomes the trait "email"]:VALUE:' \
                '--schema-id=[The identity schema of a new identity]:VALUE:' \
                '--traits=[Further traits of a new identity, a JSON object such as {"name"\: "Alice"}]:JSON:' \
                '--recovery-method=[A link signs in whoever opens it first, chat previews included]:value:(link code)' \
                '--expires-in=[How long the invitation works\: a Go duration (90m, 12h) or whole days (7d), above 0]:VALUE:' \
                '1:EMAIL:'
            ;;
        reset-password)
            _arguments $common \
                '--identity-id=[The identity'\''s id, a UUID]:VALUE:' \
                '--email=[What the person signs in with\: an email address or a username, in any letter case]:VALUE:' \
                '--password-secret-id=[The id of a Juju secret that holds the key "password" (juju add-secret NAME password=VALUE, then juju grant-secret NAME kratos)]:VALUE:' \
                '--password-file=[The file that holds the password, or - for stdin, where a person at a terminal is asked]:FILE|-:_files' \
                '--recovery-method=[What to issue when no password is given]:value:(code link)' \
                '--expires-in=[How long the recovery code or link works\: a Go duration (90m, 12h) or whole days (7d), above 0]:VALUE:' \
                '--invalidate-sessions=-[End the person'\''s sessions too; otherwise those that are open stay valid]::value:(true false)' \
                '1:IDENTITY-ID|EMAIL:'
            ;;
        reset-identity-mfa)
            _arguments $common \
                '--identity-id=[The identity'\''s id, a UUID]:VALUE:' \
                '--email=[What the person signs in with\: an email address or a username, in any letter case]:VALUE:' \
                '--mfa-type=[The second factor to remove\: totp (authenticator app), lookup_secret (backup codes), webauthn (security keys) or all]:value:(totp lookup_secret webauthn all)' \
                '1:IDENTITY-ID|EMAIL:'
            ;;
        invalidate-identity-sessions)
            _arguments $common \
                '--identity-id=[The identity'\''s id, a UUID]:VALUE:' \
                '--email=[What the person signs in with\: an email address or a username, in any letter case]:VALUE:' \
                '1:IDENTITY-ID|EMAIL:'
            ;;
        delete-identity)
            _arguments $common \
                '--identity-id=[The identity'\''s id, a UUID]:VALUE:' \
                '--email=[What the person signs in with\: an email address or a username, in any letter case]:VALUE:' \
                '--ignore-missing=-[Complete when there is no such identity]::value:(true false)' \
                '1:IDENTITY-ID|EMAIL:'
            ;;
        delete-user)
            _arguments $common \
                '--identity-id=[The identity'\''s id, a UUID]:VALUE:' \
                '--email=[What the person signs in with\: an email address or a username, in any letter case]:VALUE:' \
                '--ignore-missing=-[Complete when there is no such identity]::value:(true false)' \
                '1:IDENTITY-ID|EMAIL:'
            ;;
        disable-identity)
            _arguments $common \
                '--identity-id=[The identity'\''s id, a UUID]:VALUE:' \
                '--email=[What the person signs in with\: an email address or a username, in any letter case]:VALUE:' \
                '--invalidate-sessions=-[End the person'\''s sessions for good; otherwise they come back when the identity is enabled]::value:(true false)' \
                '1:IDENTITY-ID|EMAIL:'
            ;;
        enable-identity)
            _arguments $common \
                '--identity-id=[The identity'\''s id, a UUID]:VALUE:' \
                '--email=[What the person signs in with\: an email address or a username, in any letter case]:VALUE:' \
                '1:IDENTITY-ID|EMAIL:'
            ;;
        list-oidc-accounts)
            _arguments $common \
                '--identity-id=[The identity'\''s id, a UUID]:VALUE:' \
                '--email=[What the person signs in with\: an email address or a username, in any letter case]:VALUE:' \
                '1:IDENTITY-ID|EMAIL:'
            ;;
        unlink-oidc-account)
            _arguments $common \
                '--identity-id=[The identity'\''s id, a UUID]:VALUE:' \
                '--email=[What the person signs in with\: an email address or a username, in any letter case]:VALUE:' \
                '--credential-id=[The social login, as list-oidc-accounts shows it\: provider\:subject]:VALUE:' \
                '--force=-[Remove it even if nothing is left to sign in with]::value:(true false)' \
                '1:IDENTITY-ID|EMAIL:'
            ;;
        run-migration)
            _arguments $common
            ;;
        rotate-secrets)
            _arguments $common
            ;;
        ui)
            _arguments \
                '--kratos-public-url=[Kratos'\'' public API as this machine reaches it; may carry a path]:URL:' \
                '--listen=[Address and port to serve on]:ADDRESS\:PORT:' \
                '--public-url=[This server as browsers see it, without a path; with a loopback address to listen on, http\://localhost and its port if left out]:URL:' \
                '--trusted-proxy=[Addresses or networks whose X-Forwarded-* headers are believed, separated by commas]:LIST:' \
                '--form-action-origin=[Origins besides our own that forms may lead to, such as social providers, separated by commas; without any, forms are not restricted]:LIST:' \
                '--enforce-mfa=-[Hold whoever has no second factor on its enrolment after a sign-in or a recovery]::value:(true false)' \
                '--brand-name=[Name of the organisation on every page]:TEXT:' \
                '--brand-logo=[File of the logo (.svg, .png, .jpg, .gif or .webp), at most 64 KiB]:FILE:_files' \
                '--brand-colour=[Colour of buttons and links, as #rrggbb]:#RRGGBB:' \
                '--footer=[Line of text at the foot of every page]:TEXT:' \
                '--help[Show help]'
            ;;
        help)
            _describe command commands
            ;;
        completion)
            _arguments '1:completion:(bash zsh fish)'
            ;;
        esac
        ;;
    esac
}

if [[ $funcstack[1] == _kratos_agent ]]; then
    _kratos_agent "$@"
else
    compdef _kratos_agent kratos-agent
fi
