/**
 * The name of an enum's value without its prefix. A value that only a newer contract has is decoded as its number: here
 * it is `UNSPECIFIED`, which each enum has, so that it takes nothing else of its message with it.
 */
export function enumName<Name extends string>(value: string | number, prefix: string): Name | 'UNSPECIFIED' {
  return typeof value === 'string' ? (value.slice(prefix.length) as Name) : 'UNSPECIFIED';
}
