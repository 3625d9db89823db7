# Installing and packing. Nothing here matters to a build that stays in its folder.

if(TARGET tally)
	install(TARGETS tally RUNTIME COMPONENT program)
	install(FILES docs/tally.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
	install(FILES docs/receipt.schema.json
		DESTINATION ${CMAKE_INSTALL_DATADIR}/tally COMPONENT program OPTIONAL)
	install(FILES LICENSE CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
endif()

file(GLOB public_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/tally/*.h)
if(TARGET libtally AND public_headers)
	install(TARGETS libtally LIBRARY COMPONENT library ARCHIVE COMPONENT library)
	install(FILES ${public_headers}
		DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tally COMPONENT library)
	configure_file(cmake/tally.pc.in tally.pc @ONLY)
	install(FILES ${PROJECT_BINARY_DIR}/tally.pc
		DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "The Tally authors")
set(CPACK_PACKAGE_CONTACT "The Tally authors <tally@localhost>")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS ${TALLY_LATE_PACKAGES})
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS poppler-utils) # pdftotext; without it PDFs are not read, which is said
set(CPACK_DEB_COMPONENT_INSTALL OFF)
include(CPack)
