import { describe, expect, it } from 'vitest';
import { signatureAlgorithm } from '../../../client/ssh/auth/signature-algorithm.ts';

const RSA_CERTIFICATE = 'ssh-rsa-cert-v01@openssh.com';
const NEW_SERVER = ['ssh-ed25519', 'ssh-rsa', 'rsa-sha2-256', 'rsa-sha2-512'];

describe('the algorithm of a signature', () => {
  it('is the type of the key, if that is allowed', () => {
    expect(signatureAlgorithm('ssh-ed25519', undefined, undefined)).toBe('ssh-ed25519');
    expect(signatureAlgorithm('ssh-ed25519', undefined, ['rsa-sha2-256'])).toBe('ssh-ed25519');
    expect(signatureAlgorithm('ssh-ed25519', ['rsa-sha2-512'], undefined)).toBeUndefined();
    expect(signatureAlgorithm('ssh-dss', undefined, NEW_SERVER)).toBeUndefined();
    expect(signatureAlgorithm('sk-ssh-ed25519-cert-v01@openssh.com', undefined, NEW_SERVER)).toBe(
      'sk-ssh-ed25519-cert-v01@openssh.com',
    );
  });

  it('of RSA is the first that the user allows and the server takes', () => {
    expect(signatureAlgorithm('ssh-rsa', undefined, NEW_SERVER)).toBe('rsa-sha2-512');
    expect(signatureAlgorithm('ssh-rsa', ['rsa-sha2-256', 'rsa-sha2-512'], NEW_SERVER)).toBe('rsa-sha2-256');
    expect(signatureAlgorithm('ssh-rsa', undefined, ['rsa-sha2-256'])).toBe('rsa-sha2-256');
    expect(signatureAlgorithm(RSA_CERTIFICATE, undefined, ['rsa-sha2-256'])).toBe('rsa-sha2-256-cert-v01@openssh.com');
  });

  it('is never SHA-1 unless the user says so', () => {
    for (const type of ['ssh-rsa', RSA_CERTIFICATE]) {
      expect(signatureAlgorithm(type, undefined, ['ssh-rsa'])).toBeUndefined();
      expect(signatureAlgorithm(type, undefined, undefined)).toMatch(/^rsa-sha2-512/);
    }
    const allowed = ['rsa-sha2-512', 'ssh-rsa'];
    expect(signatureAlgorithm('ssh-rsa', allowed, NEW_SERVER)).toBe('rsa-sha2-512');
    expect(signatureAlgorithm('ssh-rsa', allowed, ['ssh-rsa'])).toBe('ssh-rsa');
    // A server that says nothing is an old one.
    expect(signatureAlgorithm('ssh-rsa', allowed, undefined)).toBe('ssh-rsa');
  });
});
