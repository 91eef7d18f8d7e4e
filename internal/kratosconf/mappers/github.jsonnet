// The traits of a person with a GitHub account. Not everyone there has a name;
// everyone has a login.
local claims = std.extVar('claims');
local has(key) = key in claims && claims[key] != '';
local verified = 'email_verified' in claims && claims.email_verified;
{
  identity: {
    traits: {
      [if has('email') then 'email' else null]: claims.email,
      [if has('name') || has('preferred_username') then 'name' else null]:
        if has('name') then claims.name else claims.preferred_username,
    },
    [if has('email') && verified then 'verified_addresses' else null]: [
      { via: 'email', value: claims.email },
    ],
  },
}
