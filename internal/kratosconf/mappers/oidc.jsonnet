// The traits of a person whom an OpenID Connect provider vouches for. The
// address counts as verified only where the provider says so.
local claims = std.extVar('claims');
local has(key) = key in claims && claims[key] != '';
local verified = 'email_verified' in claims && claims.email_verified;
{
  identity: {
    traits: {
      [if has('email') then 'email' else null]: claims.email,
      [if has('name') then 'name' else null]: claims.name,
      [if has('given_name') then 'given_name' else null]: claims.given_name,
      [if has('family_name') then 'family_name' else null]: claims.family_name,
    },
    [if has('email') && verified then 'verified_addresses' else null]: [
      { via: 'email', value: claims.email },
    ],
  },
}
