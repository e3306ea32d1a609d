// libcurl without variadics: opened with dlopen on first use, so that a command that needs no network never pays.
#ifndef AWL_CCURL_H
#define AWL_CCURL_H
#endif
