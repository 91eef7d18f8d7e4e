# bash completion for kratos-agent; print it with: kratos-agent completion bash

_kratos_agent() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
    local command="" joined="" words="" i IFS=$' \t\n'
    # bash makes three words of --flag=value.
    if [[ $cur == "=" ]]; then
        joined=1 cur=""
    elif [[ $prev == "=" ]]; then
        joined=1 prev=${COMP_WORDS[COMP_CWORD-2]}
    fi
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        create-admin-account|get-identity|invite-user|reset-password|reset-identity-mfa|invalidate-identity-sessions|delete-identity|delete-user|disable-identity|enable-identity|list-oidc-accounts|unlink-oidc-account|run-migration|rotate-secrets|completion|help|man|ui|version)
            command=${COMP_WORDS[i]}
            break
            ;;
        esac
    done
    case "$command $prev" in
    *" --endpoint"|*" --timeout"|*" --username"|*" --email"|*" --password-secret-id"|*" --name"|*" --phone-number"|*" --schema-id"|*" --expires-in"|*" --identity-id"|*" --traits"|*" --credential-id"|*" --kratos-public-url"|*" --listen"|*" --public-url"|*" --trusted-proxy"|*" --form-action-origin"|*" --brand-name"|*" --brand-colour"|*" --footer")
        return
        ;;
    *" --ca-file"|*" --password-file"|*" --brand-logo")
        compopt -o filenames 2>/dev/null
        IFS=$'\n'
        COMPREPLY=($(compgen -f -- "$cur"))
        return
        ;;
    *" --format")
        COMPREPLY=($(compgen -W "table json yaml" -- "$cur"))
        return
        ;;
    *" --quiet"|*" --dry-run"|*" --yes"|*" --invalidate-sessions"|*" --ignore-missing"|*" --force"|*" --enforce-mfa")
        if [[ $joined ]]; then
            COMPREPLY=($(compgen -W "true false" -- "$cur"))
            return
        fi
        ;;
    "invite-user --recovery-method")
        COMPREPLY=($(compgen -W "link code" -- "$cur"))
        return
        ;;
    "reset-password --recovery-method")
        COMPREPLY=($(compgen -W "code link" -- "$cur"))
        return
        ;;
    "reset-identity-mfa --mfa-type")
        COMPREPLY=($(compgen -W "totp lookup_secret webauthn all" -- "$cur"))
        return
        ;;
    esac
    case $command in
    "")
        words="create-admin-account get-identity invite-user reset-password reset-identity-mfa invalidate-identity-sessions delete-identity delete-user disable-identity enable-identity list-oidc-accounts unlink-oidc-account run-migration rotate-secrets completion help man ui version --endpoint --ca-file --format --quiet --dry-run --yes --timeout --help --version"
        ;;
    help)
        words="create-admin-account get-identity invite-user reset-password reset-identity-mfa invalidate-identity-sessions delete-identity delete-user disable-identity enable-identity list-oidc-accounts unlink-oidc-account run-migration rotate-secrets completion help man ui version"
        ;;
    completion)
        words="bash zsh fish"
        ;;
    create-admin-account)
        if [[ $cur == -* ]]; then
            words="--username --email --password-secret-id --password-file --name --phone-number --schema-id --expires-in --endpoint --ca-file --format --quiet --dry-run --yes --timeout --help"
        fi
        ;;
    get-identity)
        if [[ $cur == -* ]]; then
            words="--identity-id --email --endpoint --ca-file --format --quiet --dry-run --yes --timeout --help"
        fi
        ;;
    invite-user)
        if [[ $cur == -* ]]; then
            words="--email --schema-id --traits --recovery-method --expires-in --endpoint --ca-file --format --quiet --dry-run --yes --timeout --help"
        fi
        ;;
    reset-password)
        if [[ $cur == -* ]]; then
            words="--identity-id --email --password-secret-id --password-file --recovery-method --expires-in --invalidate-sessions --endpoint --ca-file --format --quiet --dry-run --yes --timeout --help"
        fi
        ;;
    reset-identity-mfa)
        if [[ $cur == -* ]]; then
            words="--identity-id --email --mfa-type --endpoint --ca-file --format --quiet --dry-run --yes --timeout --help"
        fi
        ;;
    invalidate-identity-sessions)
        if [[ $cur == -* ]]; then
            words="--identity-id --email --endpoint --ca-file --format --quiet --dry-run --yes --timeout --help"
        fi
        ;;
    delete-identity)
        if [[ $cur == -* ]]; then
            words="--identity-id --email --ignore-missing --endpoint --ca-file --format --quiet --dry-run --yes --timeout --help"
        fi
        ;;
    delete-user)
        if [[ $cur == -* ]]; then
            words="--identity-id --email --ignore-missing --endpoint --ca-file --format --quiet --dry-run --yes --timeout --help"
        fi
        ;;
    disable-identity)
        if [[ $cur == -* ]]; then
            words="--identity-id --email --invalidate-sessions --endpoint --ca-file --format --quiet --dry-run --yes --timeout --help"
        fi
        ;;
    enable-identity)
        if [[ $cur == -* ]]; then
            words="--identity-id --email --endpoint --ca-file --format --quiet --dry-run --yes --timeout --help"
        fi
        ;;
    list-oidc-accounts)
        if [[ $cur == -* ]]; then
            words="--identity-id --email --endpoint --ca-file --format --quiet --dry-run --yes --timeout --help"
        fi
        ;;
    unlink-oidc-account)
        if [[ $cur == -* ]]; then
            words="--identity-id --email --credential-id --force --endpoint --ca-file --format --quiet --dry-run --yes --timeout --help"
        fi
        ;;
    run-migration)
        if [[ $cur == -* ]]; then
            words="--endpoint --ca-file --format --quiet --dry-run --yes --timeout --help"
        fi
        ;;
    rotate-secrets)
        if [[ $cur == -* ]]; then
            words="--endpoint --ca-file --format --quiet --dry-run --yes --timeout --help"
        fi
        ;;
    ui)
        if [[ $cur == -* ]]; then
            words="--kratos-public-url --listen --public-url --trusted-proxy --form-action-origin --enforce-mfa --brand-name --brand-logo --brand-colour --footer --help"
        fi
        ;;
    esac
    if [[ $words ]]; then
        COMPREPLY=($(compgen -W "$words" -- "$cur"))
    fi
}

complete -F _kratos_agent kratos-agent
