import { describe, expect, test } from 'vitest';
import { Tokens } from './tokens.js';

const key = async (token: string): Promise<string> =>
  Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(token))).toString('base64');

/** Tokens whose validation waits until it is let go; `asked` are those that were validated. */
function held() {
  const asked: string[] = [];
  const told: string[] = [];
  let letGo = (): void => undefined;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  const validator = {
    validate: async (token: string) => {
      asked.push(token);
      await gate;
      const caller = { userId: token, projectId: 'p', roles: [], isAdmin: false, token };
      return { caller, expiresAt: Date.now() + 60_000 } as never;
    },
  };
  const tellOthers = (digest: string) => Promise.resolve(told.push(digest));
  const tokens = new Tokens(validator, { cacheSeconds: 300, challenge: 'Keystone', tellOthers });
  return { tokens, asked, told, letGo };
}

describe('a token that is being validated', () => {
  test('is remembered although another one is revoked meanwhile', async () => {
    const { tokens, asked, letGo } = held();
    const caller = tokens.callerOf('ann');
    tokens.drop(await key('bob'));
    letGo();
    expect((await caller).userId).toBe('ann');
    await tokens.callerOf('ann');
    expect(asked).toEqual(['ann']);
  });

  test.each([
    ['itself', (tokens: Tokens) => tokens.forget('ann')],
    ['every token', (tokens: Tokens) => Promise.resolve(tokens.drop(''))],
  ])('is asked for again when %s is revoked meanwhile', async (_, revoke) => {
    const { tokens, asked, letGo } = held();
    const before = tokens.callerOf('ann');
    await revoke(tokens);
    const after = tokens.callerOf('ann');
    letGo();
    await Promise.all([before, after]);
    expect(asked).toEqual(['ann', 'ann']);
    await tokens.callerOf('ann');
    expect(asked).toEqual(['ann', 'ann']);
  });

  test('is not remembered by an answer of before, which comes last', async () => {
    const { tokens, asked, letGo } = held();
    const before = tokens.callerOf('ann');
    await tokens.forget('ann');
    letGo();
    await before;
    await tokens.callerOf('ann');
    expect(asked).toEqual(['ann', 'ann']);
  });
});
