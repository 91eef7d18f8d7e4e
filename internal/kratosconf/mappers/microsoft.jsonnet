// The traits of a person with a Microsoft account. The address is never taken
// as verified: a tenant's administrator can write any into it.
local claims = std.extVar('claims');
local has(key) = key in claims && claims[key] != '';
{
  identity: {
    traits: {
      [if has('email') then 'email' else null]: claims.email,
      [if has('name') then 'name' else null]: claims.name,
      [if has('given_name') then 'given_name' else null]: claims.given_name,
      [if has('family_name') then 'family_name' else null]: claims.family_name,
    },
  },
}
