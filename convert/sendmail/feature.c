#include "convert/sendmail/feature.h"

bool feature_is_on(const struct draft *draft, const char *name)
{
    return sendmail_feature(draft->sendmail, name) != NULL;
}

bool feature_access_has(const struct draft *draft, const char *word)
{
    const struct sendmail_item *feature = sendmail_feature(draft->sendmail, "access_db");

    for (size_t i = 1; feature != NULL && i < 4; i++)
        if (str_is_nocase(str_trim(sendmail_argument(feature, i)), word))
            return true;
    return false;
}

bool feature_has_dot_keys(const struct draft *draft)
{
    return sendmail_table(draft->sendmail, "access") != NULL &&
           (feature_access_has(draft, "lookupdotdomain") ||
            feature_is_on(draft, "lookupdotdomain"));
}

bool feature_decide(struct draft *draft, const char *name, enum sendmail_fate fate,
                    const char *text)
{
    const struct sendmail_item *item = NULL;
    bool found = false;

    while ((item = sendmail_next(draft->sendmail, ITEM_FEATURE, name, item)) != NULL) {
        found = true;
        if (!draft->fates[item->number].decided)
            draft_fate(draft, item, fate, "%s", text);
    }
    return found;
}
