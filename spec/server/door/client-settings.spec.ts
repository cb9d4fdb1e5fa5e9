import { expect } from 'chai';
import fc from 'fast-check';
import { ClientSettings, faultOfSettings, settingsPayloadBytesMax } from '../../../lib/server/door/control-frames.js';
import { errorCode, frameHeadBytes, setting, settingsIn } from '../../../lib/server/door/http2-frames.js';

const { headerTableSize, initialWindowSize, maxFrameSize, enablePush } = setting;

describe("a client's settings", () => {
  it('are, of each that is known, the newest value, however many came [RFC 9113 6.5.3]', () => {
    const ids = fc.constantFrom(...Object.values(setting).filter((id) => id !== headerTableSize), 0x7f, 0xff);
    fc.assert(
      fc.property(fc.array(fc.array(fc.tuple(ids, fc.nat()))), (frames) => {
        const settings = new ClientSettings();
        for (const values of frames) settings.add(values);
        const frame = settings.frame();
        const newest = new Map(frames.flat().filter(([id]) => id < 0x7f));
        expect(new Map(settingsIn(frame))).to.deep.equal(newest);
        expect(settingsIn(frame)).to.have.length(newest.size);
        expect(frame.length - frameHeadBytes).to.be.at.most(settingsPayloadBytesMax);
      }),
    );
  });

  it('name the smallest table for headers before the newest, so that who encodes comes down to it [RFC 7541 4.2]', () => {
    const settings = new ClientSettings();
    settings.add([[headerTableSize, 4096]]);
    settings.add([
      [headerTableSize, 0],
      [maxFrameSize, 20_000],
    ]);
    settings.add([[headerTableSize, 8192]]);
    expect(settingsIn(settings.frame())).to.deep.equal([
      [headerTableSize, 0],
      [maxFrameSize, 20_000],
      [headerTableSize, 8192],
    ]);
  });

  it('are told with what is to count instead behind them', () => {
    const settings = new ClientSettings();
    settings.add([[initialWindowSize, 1]]);
    expect(settingsIn(settings.frame([headerTableSize, 0]))).to.deep.equal([
      [initialWindowSize, 1],
      [headerTableSize, 0],
    ]);
  });

  it('have a fault where one of them has no such value, the first that does [RFC 9113 6.5.2]', () => {
    for (const [code, ...values] of [
      [undefined, [enablePush, 0], [enablePush, 1], [initialWindowSize, 2 ** 31 - 1], [maxFrameSize, 2 ** 24 - 1]],
      [undefined, [headerTableSize, 2 ** 32 - 1], [maxFrameSize, 16_384], [0xff, 2 ** 32 - 1]],
      [errorCode.protocolError, [enablePush, 2]],
      [errorCode.flowControlError, [initialWindowSize, 2 ** 31], [enablePush, 2]],
      [errorCode.protocolError, [maxFrameSize, 16_383], [initialWindowSize, 2 ** 31]],
      [errorCode.protocolError, [maxFrameSize, 2 ** 24]],
    ] as [number | undefined, ...[number, number][]][]) {
      expect(faultOfSettings(values), JSON.stringify(values)).to.equal(code);
    }
  });
});
