/** Literal IP addresses in text, as the server's answer lists them. Names are refused: an answer must not make the client resolve anything. */

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const IPV6_GROUP = /^[0-9a-f]{1,4}$/i;
const IPV6_GROUPS = 8;
const MAX_IPV6_LENGTH = 45;

/** 4 or 6 for a literal address in the usual notations (IPv6 without zone, RFC 4291 §2.2), else undefined. */
export function addressFamily(text: string): 4 | 6 | undefined {
  if (IPV4.test(text)) return 4;
  return isIPv6(text) ? 6 : undefined;
}

function isIPv6(text: string): boolean {
  if (text.length > MAX_IPV6_LENGTH) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [index, half] of halves.entries()) {
    const count = groupsOf(half, index === halves.length - 1);
    if (count === undefined) return false;
    groups += count;
  }
  return halves.length === 2 ? groups < IPV6_GROUPS : groups === IPV6_GROUPS;
}

/** How many 16-bit groups `half` holds, or undefined when it is not a list of them; the last half may end in dotted IPv4. */
function groupsOf(half: string, last: boolean): number | undefined {
  if (half === '') return 0;
  let count = 0;
  const parts = half.split(':');
  for (const [index, part] of parts.entries()) {
    if (IPV6_GROUP.test(part)) count++;
    else if (last && index === parts.length - 1 && IPV4.test(part)) count += 2;
    else return undefined;
  }
  return count;
}
