import { AccountOnHold } from '../errors';
import type { Call, Reply } from '../http/call';
import { openRetailApi, type RetailApi } from '../retail/retail-api';
import type { getCustomer } from './calls';
import { expectCustomerId } from '../ids';

export async function openCustomers() {
  const retail = await openRetailApi();
  return {
    async read({ caller }: Call<typeof getCustomer>): Promise<Reply<typeof getCustomer>> {
      expectCustomerId(caller.uid);
      return {
        accountOnHold: await isOnHold(retail, caller.uid),
        regCountry: caller.regCountry,
      };
    },
  };
}

/** Only an existing account can be on hold; an account that does not exist is not. */
async function isOnHold(retail: RetailApi, uid: string): Promise<boolean> {
  try {
    await retail.balance(uid);
    return false;
  } catch (error) {
    if (error instanceof AccountOnHold) return true;
    throw error;
  }
}
